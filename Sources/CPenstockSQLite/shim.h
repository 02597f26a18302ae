// The door to SQLite 3.35 and later (RETURNING), with what its macros hide from Swift.
#pragma once
#include <sqlite3.h>
#include <sys/vfs.h>

/// SQLITE_TRANSIENT is a cast that Swift cannot import: SQLite copies the bytes before the call returns.
static inline sqlite3_destructor_type penstock_sqlite_transient(void) { return SQLITE_TRANSIENT; }

/// The magic number of the file system that holds `path`, or 0. (Swift's Glibc module leaves `statfs` out.)
static inline unsigned int penstock_file_system_kind(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (unsigned int)status.f_type : 0;
}
