// The door to SQLite 3.35 and later (RETURNING), with what its macros hide from Swift.
#pragma once
#include <sqlite3.h>

/// SQLITE_TRANSIENT is a cast that Swift cannot import: SQLite copies the bytes before the call returns.
static inline sqlite3_destructor_type penstock_sqlite_transient(void) { return SQLITE_TRANSIENT; }
