// What a flow of five nodes writes, and what a store does with it.
#pragma once

#include <stdbool.h>

enum { nodes = 5, most_saves = 1024 };

// One node's checkpoint, the session's new standing, and with a flow's first and last node the job's record.
struct save {
    char session[32], job[32], checkpoint[48];
    // As `2026-01-02 03:04:05.678000`, and the same in seconds since 1970.
    char now[32], seconds[32];
    char step[8], seen[8], node[8], next[24];
    const char *status, *state;
    bool is_first, is_last;
};

extern const char *const owner, *const worker;

struct store;

// A connection of its own for each client; `address` is the store's own: a file, a folder, a socket.
struct store *store_open(const char *address);

// Makes so many saves durable at once. A flow's first save also makes the session's row.
void store_commit(struct store *store, const struct save *saves, int count);

// Prints a sentence and ends the program: a figure for work that was not done is none.
_Noreturn void fail(const char *what, const char *why);
