// MariaDB, and MySQL's own server: one save is a text of several statements, and so one write. Many are such a text too for MySQL, each
// statement with the rows of all; for MariaDB they are prepared statements that are given all their rows at once, which is faster there.
// The address is the socket of a server whose database `penstock` has the tables.
#include "limits.h"

#include <mysql.h>
#include <stdlib.h>
#include <string.h>

enum { most_values = 10, text_bytes = most_saves * 2048 };
enum statement { add_session, advance, add_checkpoint, add_job, end_job, statements };

#define SESSION_INTO "INSERT INTO penstock_session (id, epoch, owner, head, created_at, updated_at) VALUES "
#define SESSION_ROW "(?, 1, ?, 0, ?, ?)"
#define CHECKPOINT_INTO \
    "INSERT INTO penstock_checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state, next, epoch, job_id, run, " \
    "run_step) VALUES "
#define CHECKPOINT_ROW "(?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)"
#define JOB_INTO "INSERT INTO penstock_job (id, session_id, flow, status, merged, attempts, worker, created_at, updated_at) VALUES "
#define JOB_ROW "(?, ?, 'bench', 'running', 1, 0, ?, ?, ?)"

static const char *const texts[statements] = {
    [add_session] = SESSION_INTO SESSION_ROW,
    [advance] = "UPDATE penstock_session SET head = ?, flow = 'bench', version = 1, status = ?, updated_at = ? "
                "WHERE id = ? AND epoch = 1 AND owner = ? AND head = ?",
    [add_checkpoint] = CHECKPOINT_INTO CHECKPOINT_ROW,
    [add_job] = JOB_INTO JOB_ROW,
    [end_job] = "UPDATE penstock_job SET status = 'done', result_checkpoint_id = ?, updated_at = ? WHERE id = ?",
};

// The same for the rows of many saves: what stands before them, for each, and behind them.
static const char *const joined[statements][3] = {
    [add_session] = {SESSION_INTO, SESSION_ROW, ""},
    [advance] = {"UPDATE (VALUES ", "ROW(?, ?, ?, ?, ?, ?)",
                 ") AS v(head, status, updated_at, id, owner, seen) STRAIGHT_JOIN penstock_session s FORCE INDEX (PRIMARY) "
                 "ON s.id = v.id AND s.epoch = 1 AND s.owner = v.owner AND s.head = v.seen "
                 "SET s.head = v.head, s.flow = 'bench', s.version = 1, s.status = v.status, s.updated_at = v.updated_at"},
    [add_checkpoint] = {CHECKPOINT_INTO, CHECKPOINT_ROW, ""},
    [add_job] = {JOB_INTO, JOB_ROW, ""},
    [end_job] = {"UPDATE (VALUES ", "ROW(?, ?, ?)",
                 ") AS v(checkpoint, updated_at, id) STRAIGHT_JOIN penstock_job j FORCE INDEX (PRIMARY) ON j.id = v.id "
                 "SET j.status = 'done', j.result_checkpoint_id = v.checkpoint, j.updated_at = v.updated_at"},
};

struct store {
    MYSQL *server;
    bool is_mariadb;
    MYSQL_STMT *statements[statements];
    // The values of a statement's rows, column by column.
    const char *values[most_values][most_saves];
    unsigned long lengths[most_values][most_saves];
    char text[text_bytes];
    size_t length;
    int pending;
};

static void expect(bool is_good, struct store *store) {
    if (!is_good) { fail("The server", mysql_error(store->server)); }
}

struct store *store_open(const char *socket) {
    struct store *store = calloc(1, sizeof *store);
    store->server = mysql_init(NULL);
    expect(mysql_real_connect(store->server, "localhost", "root", NULL, "penstock", 0, socket, CLIENT_MULTI_STATEMENTS), store);
    store->is_mariadb = mariadb_connection(store->server);
    expect(!mysql_query(store->server, "SET NAMES utf8mb4 COLLATE utf8mb4_bin"), store);
    expect(!mysql_query(store->server, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"), store);
    expect(!mysql_query(store->server, "SET autocommit = 0"), store);
    for (int i = 0; i < statements; i++) {
        store->statements[i] = mysql_stmt_init(store->server);
        expect(!mysql_stmt_prepare(store->statements[i], texts[i], strlen(texts[i])), store);
    }
    return store;
}

// Which values of a save a statement has.
static int values_of(enum statement which, const struct save *s, const char **values) {
#define VALUES(...) \
    memcpy(values, (const char *[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__})); \
    return sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)
    switch (which) {
    case add_session: VALUES(s->session, owner, s->now, s->now);
    case advance: VALUES(s->step, s->status, s->now, s->session, owner, s->seen);
    case add_checkpoint: VALUES(s->checkpoint, s->session, s->now, s->node, s->step, s->state, s->next, s->job, s->job, s->step);
    case add_job: VALUES(s->job, s->session, worker, s->now, s->now);
    default: VALUES(s->checkpoint, s->now, s->job);
    }
}

// MariaDB alone takes all rows at once.
static void run_prepared(struct store *store, enum statement which, const struct save *saves, int count) {
    MYSQL_STMT *statement = store->statements[which];
    MYSQL_BIND binds[most_values] = {0};
    for (int row = 0; row < count; row++) {
        const char *values[most_values];
        int columns = values_of(which, &saves[row], values);
        for (int column = 0; column < columns; column++) {
            store->values[column][row] = values[column];
            store->lengths[column][row] = strlen(values[column]);
        }
    }
    for (int column = 0; column < most_values; column++) {
        binds[column].buffer_type = MYSQL_TYPE_STRING;
        binds[column].buffer = store->values[column];
        binds[column].length = store->lengths[column];
    }
    unsigned rows = (unsigned)count;
    mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &rows);
    if (mysql_stmt_bind_param(statement, binds) || mysql_stmt_execute(statement)) { fail("The server", mysql_stmt_error(statement)); }
    if (mysql_stmt_affected_rows(statement) != rows) { fail("The server", "a save changed no row"); }
}

// Adds a part of the text, with the values of a save in place. Nothing in them needs to be escaped.
static void add(struct store *store, const char *part, const char *const *value) {
    for (; *part; part++) {
        if (*part != '?') {
            store->text[store->length++] = *part;
            continue;
        }
        store->text[store->length++] = '\'';
        size_t bytes = strlen(*value);
        memcpy(store->text + store->length, *value++, bytes);
        store->length += bytes;
        store->text[store->length++] = '\'';
    }
}

static void add_statement(struct store *store, enum statement which, const struct save *saves, int count) {
    if (count > 1) { add(store, joined[which][0], NULL); }
    for (int row = 0; row < count; row++) {
        const char *values[most_values];
        values_of(which, &saves[row], values);
        add(store, row > 0 ? "," : "", NULL);
        add(store, count == 1 ? texts[which] : joined[which][1], values);
    }
    if (count > 1) { add(store, joined[which][2], NULL); }
    add(store, ";", NULL);
    store->pending++;
}

static void run_text(struct store *store, const struct save *saves, int count) {
    store->length = 0;
    store->pending = 0;
    if (saves->is_first) { add_statement(store, add_session, saves, count); }
    add_statement(store, advance, saves, count);
    add_statement(store, add_checkpoint, saves, count);
    if (saves->is_first) { add_statement(store, add_job, saves, count); }
    if (saves->is_last) { add_statement(store, end_job, saves, count); }
    add(store, "COMMIT", NULL);
    expect(!mysql_real_query(store->server, store->text, store->length), store);
    for (; store->pending; store->pending--) {
        if (mysql_affected_rows(store->server) != (unsigned)count) { fail("The server", "a save changed no row"); }
        expect(mysql_next_result(store->server) == 0, store);
    }
}

void store_commit(struct store *store, const struct save *saves, int count) {
    if (count == 1 || !store->is_mariadb) {
        run_text(store, saves, count);
        return;
    }
    if (saves->is_first) { run_prepared(store, add_session, saves, count); }
    run_prepared(store, advance, saves, count);
    run_prepared(store, add_checkpoint, saves, count);
    if (saves->is_first) { run_prepared(store, add_job, saves, count); }
    if (saves->is_last) { run_prepared(store, end_job, saves, count); }
    expect(!mysql_commit(store->server), store);
}
