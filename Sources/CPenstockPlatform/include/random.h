// Random bytes, drawn from the kernel in blocks.
#pragma once

#include <stdint.h>

/// 64 bits from the kernel's generator; ends the process when that has none to give.
///
/// Each thread draws 256 bytes at a time: an id takes eight, and a system call for each would cost more than all else in making it.
uint64_t penstock_random(void);
