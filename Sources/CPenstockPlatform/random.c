#include "random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

// So many bytes come whole or not at all, whatever signals come between.
#define BLOCK_WORDS (256 / sizeof(uint64_t))

uint64_t penstock_random(void) {
    static _Thread_local uint64_t block[BLOCK_WORDS];
    static _Thread_local size_t left = 0;
    if (left == 0) {
        ssize_t drawn;
        do {
            drawn = getrandom(block, sizeof block, 0);
        } while (drawn < 0 && errno == EINTR);
        if (drawn != (ssize_t)sizeof block) abort();
        left = BLOCK_WORDS;
    }
    left -= 1;
    return block[left];
}
