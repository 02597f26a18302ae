// MariaDB: a commit is one text of many statements, and so one write. The address is the socket of a server whose database
// `penstock` has the tables.
#include "limits.h"

#include <mysql.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { text_bytes = most_saves * 4096 };

struct store {
    MYSQL *server;
    char *text;
    size_t length;
    int pending;
};

static void expect(bool is_good, struct store *store) {
    if (!is_good) { fail("MariaDB", mysql_error(store->server)); }
}

struct store *store_open(const char *socket) {
    struct store *store = calloc(1, sizeof *store);
    store->server = mysql_init(NULL);
    store->text = malloc(text_bytes);
    expect(mysql_real_connect(store->server, "localhost", "root", NULL, "penstock", 0, socket, CLIENT_MULTI_STATEMENTS), store);
    expect(!mysql_set_character_set(store->server, "utf8mb4"), store);
    expect(!mysql_query(store->server, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"), store);
    return store;
}

// Adds a statement. Nothing in its values needs to be escaped.
__attribute__((format(printf, 2, 3))) static void add(struct store *store, const char *format, ...) {
    va_list values;
    va_start(values, format);
    store->length += (size_t)vsnprintf(store->text + store->length, text_bytes - store->length, format, values);
    va_end(values);
    if (store->length >= text_bytes) { fail("MariaDB", "the text is too long"); }
    store->pending++;
}

void store_commit(struct store *store, const struct save *saves, int count) {
    store->length = 0;
    store->pending = 0;
    add(store, "BEGIN");
    for (const struct save *s = saves; s < saves + count; s++) {
        if (s->is_first) {
            add(store, ";INSERT INTO penstock_session (id, epoch, owner, head, created_at, updated_at) "
                "VALUES ('%s', 1, '%s', 0, '%s', '%s')", s->session, owner, s->now, s->now);
        }
        add(store, ";UPDATE penstock_session SET head = %s, flow = 'bench', version = 1, status = '%s', updated_at = '%s' "
            "WHERE id = '%s' AND epoch = 1 AND owner = '%s' AND head = %s",
            s->step, s->status, s->now, s->session, owner, s->seen);
        add(store, ";INSERT INTO penstock_checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state, next, epoch, "
            "job_id, run, run_step) VALUES ('%s', '%s', '%s', '%s', %s, '%s', '%s', 1, '%s', '%s', %s)",
            s->checkpoint, s->session, s->now, s->node, s->step, s->state, s->next, s->job, s->job, s->step);
        if (s->is_first) {
            add(store, ";INSERT INTO penstock_job (id, session_id, flow, status, merged, attempts, worker, created_at, updated_at) "
                "VALUES ('%s', '%s', 'bench', 'running', 1, 0, '%s', '%s', '%s')", s->job, s->session, worker, s->now, s->now);
        }
        if (s->is_last) {
            add(store, ";UPDATE penstock_job SET status = 'done', result_checkpoint_id = '%s', updated_at = '%s' WHERE id = '%s'",
                s->checkpoint, s->now, s->job);
        }
    }
    add(store, ";COMMIT");
    expect(!mysql_real_query(store->server, store->text, store->length), store);
    for (int i = 0; i < store->pending; i++) {
        bool is_row = i > 0 && i < store->pending - 1;
        if (is_row && mysql_affected_rows(store->server) != 1) { fail("MariaDB", "a save changed no row"); }
        int more = mysql_next_result(store->server);
        expect(more <= 0 && (more == 0) == (i < store->pending - 1), store);
    }
}
