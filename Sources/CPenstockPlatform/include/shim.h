// Macros, variadics and unions in a form that Swift can call.
#pragma once

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/// Waits for a process that has ended; its code, or the negative number of the signal that ended it.
///
/// A status that someone else in the process took is not known, and counts as a failure: 255.
static inline int penstock_reap(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return 255;
    }
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/// The processors that this process may run on; -1 and errno if it cannot be told.
int penstock_core_count(void);

/// How many names a file still has; -1 and errno if it cannot be told.
///
/// Asks for no more than that. Who asks for the time of the last change too, as `fstat` does, has Linux (6.13 and later) note a new time at
/// the next write, and `fdatasync` then waits for the disk once more, to write that.
long penstock_link_count(int descriptor);

/// The calling thread's name; Linux keeps 15 bytes.
void penstock_name_thread(const char *name);

/// A descriptor that is readable once the process has ended; -1 and errno if there is no such process.
static inline int penstock_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

/// A signal that an earlier process told us to ignore would be ignored by our waits, too.
static inline void penstock_default_action(int number) { signal(number, SIG_DFL); }

/// The calling thread gets an error, and no signal, when it writes into a pipe that nobody reads.
void penstock_block_broken_pipe(void);

static inline void penstock_ignore(int number) { signal(number, SIG_IGN); }

/// Sends one datagram to a Unix socket; a path that starts with @ is an abstract name. -1 and errno if it
/// failed.
static inline int penstock_send_datagram(const char *path, const char *message) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) return -1;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '@' ? 0 : 1));
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    ssize_t sent = sendto(
        descriptor, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    close(descriptor);
    return sent < 0 ? -1 : 0;
}
