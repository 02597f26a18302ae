// What Linux offers and Swift cannot say: starting a program between fork and exec, the guard that outlives
// a killed worker, signal handlers, random bytes by the block, and what C hides behind macros.
#pragma once

#include "guard.h"
#include "hear.h"
#include "random.h"
#include "shim.h"
#include "spawn.h"
