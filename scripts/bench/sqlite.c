// SQLite in WAL mode with synchronous=FULL; the address is a file that has the tables.
#include "limits.h"

#include <sqlite3.h>
#include <stdlib.h>

enum statement { begin, add_session, advance, add_checkpoint, add_job, end_job, commit, statements };

static const char *const texts[statements] = {
    [begin] = "BEGIN IMMEDIATE",
    [add_session] = "INSERT INTO penstock_session (id, epoch, owner, head, created_at, updated_at) VALUES (?, 1, ?, 0, ?, ?)",
    [advance] = "UPDATE penstock_session SET head = ?, flow = 'bench', version = 1, status = ?, updated_at = ? "
                "WHERE id = ? AND epoch = 1 AND owner = ? AND head = ?",
    [add_checkpoint] = "INSERT INTO penstock_checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state, next, epoch, "
                       "job_id, run, run_step) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
    [add_job] = "INSERT INTO penstock_job (id, session_id, flow, status, merged, attempts, worker, created_at, updated_at) "
                "VALUES (?, ?, 'bench', 'running', 1, 0, ?, ?, ?)",
    [end_job] = "UPDATE penstock_job SET status = 'done', result_checkpoint_id = ?, updated_at = ? WHERE id = ?",
    [commit] = "COMMIT",
};

struct store {
    sqlite3 *file;
    sqlite3_stmt *statements[statements];
};

static void expect(bool is_good, struct store *store) {
    if (!is_good) { fail("SQLite", sqlite3_errmsg(store->file)); }
}

struct store *store_open(const char *path) {
    struct store *store = calloc(1, sizeof *store);
    expect(sqlite3_open(path, &store->file) == SQLITE_OK, store);
    sqlite3_busy_timeout(store->file, 10000);
    expect(sqlite3_exec(store->file, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", NULL, NULL, NULL) == SQLITE_OK, store);
    for (int i = 0; i < statements; i++) {
        expect(sqlite3_prepare_v2(store->file, texts[i], -1, &store->statements[i], NULL) == SQLITE_OK, store);
    }
    return store;
}

static void run(struct store *store, enum statement which, int count, const char *const *values, int changes) {
    sqlite3_stmt *statement = store->statements[which];
    for (int i = 0; i < count; i++) { sqlite3_bind_text(statement, i + 1, values[i], -1, SQLITE_STATIC); }
    expect(sqlite3_step(statement) == SQLITE_DONE, store);
    sqlite3_reset(statement);
    if (changes && sqlite3_changes(store->file) != changes) { fail("SQLite", "a save changed no row"); }
}

#define RUN(which, changes, ...) \
    run(store, which, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__}, changes)

void store_commit(struct store *store, const struct save *saves, int count) {
    run(store, begin, 0, NULL, 0);
    for (const struct save *s = saves; s < saves + count; s++) {
        if (s->is_first) { RUN(add_session, 1, s->session, owner, s->now, s->now); }
        RUN(advance, 1, s->step, s->status, s->now, s->session, owner, s->seen);
        RUN(add_checkpoint, 1, s->checkpoint, s->session, s->now, s->node, s->step, s->state, s->next, s->job, s->job, s->step);
        if (s->is_first) { RUN(add_job, 1, s->job, s->session, worker, s->now, s->now); }
        if (s->is_last) { RUN(end_job, 1, s->checkpoint, s->now, s->job); }
    }
    run(store, commit, 0, NULL, 0);
}
