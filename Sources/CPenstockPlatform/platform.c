#include "CPenstockPlatform.h"
