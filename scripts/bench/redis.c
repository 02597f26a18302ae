// Redis: a commit is what is sent in one write; the server waits for its disk once for all that came together. The address is
// its socket.
#include "limits.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

struct store {
    redisContext *server;
    int pending;
};

struct store *store_open(const char *socket) {
    struct store *store = calloc(1, sizeof *store);
    store->server = redisConnectUnix(socket);
    if (!store->server || store->server->err) { fail("Redis", store->server ? store->server->errstr : "no memory"); }
    return store;
}

static void run(struct store *store, int count, const char **words) {
    if (redisAppendCommandArgv(store->server, count, words, NULL) != REDIS_OK) { fail("Redis", store->server->errstr); }
    store->pending++;
}

#define RUN(...) run(store, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__})
#define TEXT(name, size, ...) char name[size]; snprintf(name, sizeof name, __VA_ARGS__)

static void write_text(char *text, const char *state) {
    for (; *state; state++) {
        if (*state == '"') { *text++ = '\\'; }
        *text++ = *state;
    }
    *text = 0;
}

void store_commit(struct store *store, const struct save *saves, int count) {
    store->pending = 0;
    for (const struct save *s = saves; s < saves + count; s++) {
        TEXT(head, 128, "penstock:checkpoint:head:%s", s->session);
        TEXT(rows, 128, "penstock:checkpoint:session:%s", s->session);
        TEXT(checkpoint, 128, "penstock:checkpoint:checkpoint:%s", s->checkpoint);
        TEXT(result, 128, "penstock:checkpoint:result:%s", s->job);
        char state[2048];
        write_text(state, s->state);
        TEXT(row, 4096, "{\"checkpoint_id\":\"%s\",\"session_id\":\"%s\",\"timestamp\":\"%s+00:00\",\"node_name\":\"%s\",\"step\":%s,"
            "\"next\":%s,\"epoch\":1,\"job_id\":\"%s\",\"run\":\"%s\",\"run_step\":%s,\"state\":\"%s\"}",
            s->checkpoint, s->session, s->now, s->node, s->step, s->next, s->job, s->job, s->step, state);
        TEXT(fence, 128, "1 %s %s", s->step, owner);
        TEXT(position, 128, "%s 5115 %s %s", s->step, s->seconds, s->checkpoint);
        TEXT(standing, 128, "1 %s %s bench", s->status, s->seconds);
        if (s->is_first) { RUN("HSET", head, "created", s->seconds, "updated", s->seconds); }
        RUN("SET", checkpoint, row, "NX");
        RUN("ZADD", rows, s->seconds, s->checkpoint);
        RUN("HSET", head, "fence", fence, "position", position, "standing", standing);
        if (s->is_first || s->is_last) {
            TEXT(job, 1024, "{\"job_id\":\"%s\",\"session_id\":\"%s\",\"epoch\":1,\"flow\":\"bench\",\"status\":\"%s\",\"merged\":true,"
                "\"result_checkpoint_id\":\"%s\",\"attempts\":0,\"worker\":\"%s\",\"created_at\":\"%s+00:00\",\"updated_at\":\"%s+00:00\"}",
                s->job, s->session, s->status, s->checkpoint, worker, s->now, s->now);
            RUN("SET", result, job, "PX", "604800000");
        }
    }
    for (int i = 0; i < store->pending; i++) {
        redisReply *answer;
        if (redisGetReply(store->server, (void **)&answer) != REDIS_OK) { fail("Redis", store->server->errstr); }
        if (answer->type == REDIS_REPLY_ERROR || answer->type == REDIS_REPLY_NIL) { fail("Redis", "a save was not made"); }
        freeReplyObject(answer);
    }
}
