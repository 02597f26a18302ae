#define _GNU_SOURCE
#include "hear.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

static int pipe_ends[2] = {-1, -1};

static void note(int signal) {
    int error = errno;
    uint8_t number = (uint8_t)signal;
    ssize_t written = write(pipe_ends[1], &number, 1);  // A full pipe holds more signals than anyone needs.
    (void)written;
    errno = error;
}

int penstock_hearing(void) {
    if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    return pipe_ends[0];
}

int penstock_hear(int signal) {
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    return sigaction(signal, &action, NULL);
}
