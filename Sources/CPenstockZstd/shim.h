// The door to zstd 1.4 and later, with what its macros hide from Swift.
#pragma once
#include <zstd.h>

/// The sizes that a frame's header cannot tell.
static inline int penstock_zstd_is_size(unsigned long long size) {
    return size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR;
}
