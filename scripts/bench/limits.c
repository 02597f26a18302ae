// What a store itself commits of the rows of a five-node flow, with nothing but its client library.
//
//   limits-STORE ADDRESS CLIENTS SESSIONS SECONDS
//
// Each client runs flows in so many sessions side by side, node by node: the saves of a node are one commit. Prints one line of JSON.
#include "limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { state_bytes = 1000 };

const char *const owner = "host-12345-abcdef:17.1/17.0", *const worker = "host-12345-abcdef";

static const char *address;
static int clients, sessions;
static double seconds;
static char states[nodes][state_bytes + 64];
static atomic_int counter;
static atomic_bool is_over;
static pthread_barrier_t start;

void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static double since_1970(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void make_states(void) {
    char filler[state_bytes + 1];
    memset(filler, 's', state_bytes);
    filler[state_bytes] = 0;
    for (int node = 0; node < nodes; node++) {
        snprintf(states[node], sizeof states[node], "{\"filler\":\"%s\",\"at\":\"n%d\"}", filler, node + 1);
    }
}

// A UUID of version 7: ids grow with time.
static void make_id(char *id, size_t size, double now) {
    unsigned long long milliseconds = (unsigned long long)(now * 1000);
    unsigned number = (unsigned)atomic_fetch_add(&counter, 1);
    snprintf(id, size, "%08llx-%04llx-7%03x-8%03x-%012x", milliseconds >> 16, milliseconds & 0xffff, number >> 20 & 0xfff,
        number >> 8 & 0xfff, (number & 0xff) << 8 | 0x5a);
}

static void fill(struct save *save, int client, long flow, int node) {
    double now = since_1970(CLOCK_REALTIME);
    time_t whole = (time_t)now;
    struct tm parts;
    gmtime_r(&whole, &parts);
    size_t length = strftime(save->now, sizeof save->now, "%F %T", &parts);
    snprintf(save->now + length, sizeof save->now - length, ".%03d000", (int)((now - (double)whole) * 1000));
    snprintf(save->seconds, sizeof save->seconds, "%.6f", now);
    snprintf(save->session, sizeof save->session, "s%d-%ld", client, flow);
    snprintf(save->job, sizeof save->job, "b%d-%ld", client, flow);
    make_id(save->checkpoint, sizeof save->checkpoint, now);
    snprintf(save->step, sizeof save->step, "%d", node + 1);
    snprintf(save->seen, sizeof save->seen, "%d", node);
    snprintf(save->node, sizeof save->node, "n%d", node + 1);
    save->is_first = node == 0;
    save->is_last = node == nodes - 1;
    if (save->is_last) {
        strcpy(save->next, "[\"__end__\"]");
    } else {
        snprintf(save->next, sizeof save->next, "[\"n%d\"]", node + 2);
    }
    save->status = save->is_last ? "done" : "running";
    save->state = states[node];
}

static void *run(void *number) {
    int client = (int)(long)number;
    struct store *store = store_open(address);
    struct save *saves = calloc((size_t)sessions, sizeof *saves);
    long committed = 0;
    pthread_barrier_wait(&start);
    for (long flow = 0; !is_over; flow += sessions) {
        for (int node = 0; node < nodes && !is_over; node++) {
            for (int session = 0; session < sessions; session++) { fill(&saves[session], client, flow + session, node); }
            store_commit(store, saves, sessions);
            committed += sessions;
        }
    }
    return (void *)committed;
}

int main(int count, char **words) {
    if (count != 5) { fail("usage", "limits-STORE ADDRESS CLIENTS SESSIONS SECONDS"); }
    address = words[1];
    clients = atoi(words[2]);
    sessions = atoi(words[3]);
    seconds = atof(words[4]);
    if (clients < 1 || clients > 64 || sessions < 1 || sessions > most_saves) { fail("usage", "too few or too many"); }
    make_states();
    pthread_barrier_init(&start, NULL, (unsigned)clients + 1);
    pthread_t threads[64];
    for (long client = 0; client < clients; client++) { pthread_create(&threads[client], NULL, run, (void *)client); }
    pthread_barrier_wait(&start);
    double began = since_1970(CLOCK_MONOTONIC);
    struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&pause, NULL);
    is_over = true;
    long committed = 0;
    for (int client = 0; client < clients; client++) {
        void *part;
        pthread_join(threads[client], &part);
        committed += (long)part;
    }
    double elapsed = since_1970(CLOCK_MONOTONIC) - began;
    printf("{\"clients\":%d,\"sessions\":%d,\"saves\":%ld,\"seconds\":%.3f,\"saves_per_second\":%.0f}\n", clients, sessions,
        committed, elapsed, (double)committed / elapsed);
}
