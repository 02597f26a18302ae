// A small process beside the worker that kills the worker's process groups when the worker dies.
//
// The parent-death signal reaches the programs that the worker started, but not what those started in turn:
// of `sh -c "python3 a.py; b"` it would kill the shell and leave python3 running beside its successor. The
// guard hears the worker's death as the end of a socket, at once, however the worker died. A program that
// leaves its process group (setsid) is out of its reach, and a guard that is killed together with its
// worker does nothing.
#pragma once

#include <sys/types.h>

struct penstock_guard {
    pid_t pid;
    /// The worker's end; the guard acts when its last copy is closed.
    int socket;
};

/// Forks the guard; -1 and errno if it could not.
int penstock_guard_start(struct penstock_guard *guard);

/// Whether the guard lives; it never says anything, but its end closes with it.
int penstock_guard_is_there(int socket);

/// Puts a process group in the guard's care, or, as a negative number, out of it.
///
/// Safe between fork and exec. Returns -1 when the guard is gone or has not listened for a second; a guard of -1
/// is none, and 0 is returned.
int penstock_guard_tell(int socket, pid_t group);
