// Starts a program in a process group of its own that dies with the calling thread's process.
#pragma once

#include <sys/types.h>

struct penstock_program {
    /// The files to try, in this order; a null pointer ends them. Relative ones are relative to the folder.
    const char *const *candidates;
    char *const *arguments;
    /// All of the program's environment.
    char *const *environment;
    const char *folder;
    /// The guard's socket, or -1.
    int guard;
};

/// The started program: our ends of its pipes do not block. A failed start leaves nothing open.
struct penstock_started {
    pid_t pid;
    /// Readable when the program has ended.
    int pidfd;
    int input;
    int output;
    int errors;
};

enum penstock_stage {
    PENSTOCK_STAGE_STARTED = 0,
    /// Descriptors, memory or processes ran out: nothing is wrong with the program.
    PENSTOCK_STAGE_RESOURCES,
    PENSTOCK_STAGE_FOLDER,
    PENSTOCK_STAGE_PROGRAM,
};

struct penstock_failure {
    enum penstock_stage stage;
    int error;
};

/// Lets this process open as many files as it may at most: each program takes four descriptors. Programs that are started get the limit
/// that there was, which some of them rely on.
void penstock_raise_descriptor_limit(void);

/// Returns how far the start came; `started` is filled only if it came all the way.
///
/// The kernel ties the program to the thread that calls this: that thread must never end.
struct penstock_failure penstock_spawn(
    const struct penstock_program *program, struct penstock_started *started);
