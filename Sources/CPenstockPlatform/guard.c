#define _GNU_SOURCE
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/// The greatest process id that Linux knows (PID_MAX_LIMIT).
enum { GREATEST_PID = 4 * 1024 * 1024 };

/// The guard must not hold the worker's connections, files and terminal open.
static void close_all_but(int kept) {
    if (syscall(SYS_close_range, 0U, (unsigned)kept - 1, 0) == 0
        && syscall(SYS_close_range, (unsigned)kept + 1, ~0U, 0) == 0) {
        return;
    }
    for (int descriptor = 0; descriptor < 65536; descriptor++) {
        if (descriptor != kept) close(descriptor);
    }
}

/// A copy of a process with many threads: only calls that are safe in a signal handler.
static _Noreturn void guard(int socket) {
    // Neither the terminal's Ctrl-C nor a stop sent to the whole service may end it before its worker.
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    prctl(PR_SET_NAME, "penstock-guard");
    if (chdir("/") != 0) _exit(1);
    close_all_but(socket);

    // One byte a process id, in pages that exist once they are touched.
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    uint8_t *groups = mmap(NULL, GREATEST_PID, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (groups == MAP_FAILED) _exit(1);
    pid_t greatest = 0;
    for (;;) {
        pid_t told;
        ssize_t length = recv(socket, &told, sizeof told, 0);
        if (length < 0 && errno == EINTR) continue;
        if (length != sizeof told) break;
        pid_t group = abs(told);
        if (group < 2 || group >= GREATEST_PID) continue;
        groups[group] = told > 0;
        if (group > greatest) greatest = group;
    }
    for (pid_t group = 2; group <= greatest; group++) {
        if (groups[group]) kill(-group, SIGKILL);
    }
    _exit(0);
}

int penstock_guard_start(struct penstock_guard *started) {
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) return -1;
    // A number that leaves room on both sides: close_all_but closes what is below and what is above.
    int theirs = fcntl(sockets[1], F_DUPFD_CLOEXEC, 3);
    int error = errno;
    close(sockets[1]);
    pid_t pid = theirs < 0 ? -1 : fork();
    if (pid == 0) guard(theirs);
    if (theirs >= 0) {
        error = errno;
        close(theirs);
    }
    if (pid < 0) {
        close(sockets[0]);
        errno = error;
        return -1;
    }
    // Whoever stops the guard must not stop the worker with it.
    struct timeval patience = {.tv_sec = 1};
    setsockopt(sockets[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    *started = (struct penstock_guard){.pid = pid, .socket = sockets[0]};
    return 0;
}

int penstock_guard_is_there(int socket) {
    char nothing;
    return recv(socket, &nothing, sizeof nothing, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

int penstock_guard_tell(int socket, pid_t group) {
    if (socket < 0) return 0;
    ssize_t length;
    do {
        length = send(socket, &group, sizeof group, MSG_NOSIGNAL);
    } while (length < 0 && errno == EINTR);
    return length == sizeof group ? 0 : -1;
}
