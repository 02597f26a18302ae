// The door to hiredis 0.14 and later: its synchronous and asynchronous contexts.
#pragma once
#include <hiredis/hiredis.h>
#include <hiredis/async.h>
