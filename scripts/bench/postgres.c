// PostgreSQL, prepared and pipelined: a commit is one write and one answer. The address is libpq's, of a database that has the
// tables.
#include "limits.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const texts[][2] = {
    {"add_session", "INSERT INTO penstock_session (id, epoch, owner, head, created_at, updated_at) VALUES ($1, 1, $2, 0, $3, $4)"},
    {"advance", "UPDATE penstock_session SET head = $1, flow = 'bench', version = 1, status = $2, updated_at = $3 "
                "WHERE id = $4 AND epoch = 1 AND owner = $5 AND head = $6"},
    {"add_checkpoint", "INSERT INTO penstock_checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state, next, epoch, "
                       "job_id, run, run_step) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10)"},
    {"add_job", "INSERT INTO penstock_job (id, session_id, flow, status, merged, attempts, worker, created_at, updated_at) "
                "VALUES ($1, $2, 'bench', 'running', 1, 0, $3, $4, $5)"},
    {"end_job", "UPDATE penstock_job SET status = 'done', result_checkpoint_id = $1, updated_at = $2 WHERE id = $3"},
};

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
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        PGresult *answer = PQprepare(store->server, texts[i][0], texts[i][1], 0, NULL);
        expect(PQresultStatus(answer) == PGRES_COMMAND_OK, store);
        PQclear(answer);
    }
    expect(PQenterPipelineMode(store->server), store);
    return store;
}

static void run(struct store *store, const char *name, int count, const char *const *values) {
    expect(PQsendQueryPrepared(store->server, name, count, values, NULL, NULL, 0), store);
    store->pending++;
}

#define RUN(name, ...) run(store, name, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__})

// What lies between two syncs is one transaction.
void store_commit(struct store *store, const struct save *saves, int count) {
    store->pending = 0;
    for (const struct save *s = saves; s < saves + count; s++) {
        if (s->is_first) { RUN("add_session", s->session, owner, s->now, s->now); }
        RUN("advance", s->step, s->status, s->now, s->session, owner, s->seen);
        RUN("add_checkpoint", s->checkpoint, s->session, s->now, s->node, s->step, s->state, s->next, s->job, s->job, s->step);
        if (s->is_first) { RUN("add_job", s->job, s->session, worker, s->now, s->now); }
        if (s->is_last) { RUN("end_job", s->checkpoint, s->now, s->job); }
    }
    expect(PQpipelineSync(store->server), store);
    for (int i = 0; i < store->pending; i++) {
        PGresult *answer = PQgetResult(store->server);
        expect(PQresultStatus(answer) == PGRES_COMMAND_OK, store);
        if (strcmp(PQcmdTuples(answer), "1") != 0) { fail("PostgreSQL", "a save changed no row"); }
        PQclear(answer);
        PQgetResult(store->server);
    }
    PGresult *end = PQgetResult(store->server);
    expect(PQresultStatus(end) == PGRES_PIPELINE_SYNC, store);
    PQclear(end);
}
