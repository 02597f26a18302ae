// PostgreSQL, prepared and pipelined: a save is a statement, a commit is one write and one answer. The address is libpq's, of a
// database that has the tables.
#include "limits.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

// Values 1 to 6, and 7 to 16.
#define SAVE \
    "WITH session AS (UPDATE penstock_session SET head = $1, flow = 'bench', version = 1, status = $2, updated_at = $3 " \
    "WHERE id = $4 AND epoch = 1 AND owner = $5 AND head = $6 RETURNING 1), " \
    "checkpoint AS (INSERT INTO penstock_checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state, next, epoch, " \
    "job_id, run, run_step) VALUES ($7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $16))"

enum statement { add_session, save_first, save_next, save_last, statements };

static const char *const texts[statements] = {
    [add_session] = "INSERT INTO penstock_session (id, epoch, owner, head, created_at, updated_at) VALUES ($1, 1, $2, 0, $3, $4)",
    [save_first] = SAVE ", job AS (INSERT INTO penstock_job (id, session_id, flow, status, merged, attempts, worker, created_at, "
                        "updated_at) VALUES ($17, $18, 'bench', 'running', 1, 0, $19, $20, $21)) SELECT 1 FROM session",
    [save_next] = SAVE " SELECT 1 FROM session",
    [save_last] = SAVE ", job AS (UPDATE penstock_job SET status = 'done', result_checkpoint_id = $17, updated_at = $18 "
                       "WHERE id = $19) SELECT 1 FROM session",
};
static const char *const names[statements] = {"add_session", "save_first", "save_next", "save_last"};

struct store {
    PGconn *server;
    int pending;
};

static void expect(bool is_good, struct store *store) {
    if (!is_good) { fail("PostgreSQL", PQerrorMessage(store->server)); }
}

struct store *store_open(const char *address) {
    struct store *store = calloc(1, sizeof *store);
    store->server = PQconnectdb(address);
    expect(PQstatus(store->server) == CONNECTION_OK, store);
    for (int i = 0; i < statements; i++) {
        PGresult *answer = PQprepare(store->server, names[i], texts[i], 0, NULL);
        expect(PQresultStatus(answer) == PGRES_COMMAND_OK, store);
        PQclear(answer);
    }
    expect(PQenterPipelineMode(store->server), store);
    return store;
}

static void run(struct store *store, enum statement which, int count, const char *const *values) {
    expect(PQsendQueryPrepared(store->server, names[which], count, values, NULL, NULL, 0), store);
    store->pending++;
}

#define RUN(which, ...) run(store, which, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__})
#define SAVE_VALUES \
    s->step, s->status, s->now, s->session, owner, s->seen, \
    s->checkpoint, s->session, s->now, s->node, s->step, s->state, s->next, s->job, s->job, s->step

// What lies between two syncs is one transaction.
void store_commit(struct store *store, const struct save *saves, int count) {
    store->pending = 0;
    for (const struct save *s = saves; s < saves + count; s++) {
        if (s->is_first) {
            RUN(add_session, s->session, owner, s->now, s->now);
            RUN(save_first, SAVE_VALUES, s->job, s->session, worker, s->now, s->now);
        } else if (s->is_last) {
            RUN(save_last, SAVE_VALUES, s->checkpoint, s->now, s->job);
        } else {
            RUN(save_next, SAVE_VALUES);
        }
    }
    expect(PQpipelineSync(store->server), store);
    for (int i = 0; i < store->pending; i++) {
        PGresult *answer = PQgetResult(store->server);
        ExecStatusType status = PQresultStatus(answer);
        expect(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, store);
        if (strcmp(PQcmdTuples(answer), "1") != 0) { fail("PostgreSQL", "a save changed no row"); }
        PQclear(answer);
        PQgetResult(store->server);
    }
    PGresult *end = PQgetResult(store->server);
    expect(PQresultStatus(end) == PGRES_PIPELINE_SYNC, store);
    PQclear(end);
}
