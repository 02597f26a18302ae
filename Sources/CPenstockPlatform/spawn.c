#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "shim.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

enum { READ_END, WRITE_END };

struct pipes {
    int input[2];
    int output[2];
    int errors[2];
    /// Closed by a successful exec; else it carries a penstock_failure.
    int report[2];
};

// Between vfork and exec: only calls that are safe in a signal handler, and no return from the caller's
// frame.

static _Noreturn void give_up(int report, enum penstock_stage stage) {
    struct penstock_failure failure = {stage, errno};
    ssize_t written = write(report, &failure, sizeof failure);
    (void)written;
    _exit(127);
}

/// The limit that there was before it was raised; programs get it back.
static struct rlimit descriptors;
static int are_descriptors_raised;

void penstock_raise_descriptor_limit(void) {
    if (are_descriptors_raised || getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return;
    struct rlimit all = {descriptors.rlim_max, descriptors.rlim_max};
    are_descriptors_raised = setrlimit(RLIMIT_NOFILE, &all) == 0;
}

/// The same file on a descriptor that 0, 1 and 2 cannot overwrite.
static int above_standard(int descriptor) {
    return descriptor > STDERR_FILENO ? descriptor : fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/// Nothing but 0, 1 and 2 reaches the program, whatever another library forgot to mark.
static void close_others_on_exec(void) {
    if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    // A kernel before 5.11, or a sandbox that does not know the call.
    struct rlimit limit;
    int last = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
    for (int descriptor = STDERR_FILENO + 1; descriptor < last; descriptor++) {
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
}

/// By the kernel's own call: the C library keeps two signals to itself, which may have been ignored all the
/// same.
static void reset_signal_actions(void) {
    const unsigned long standard[4] = {0};  // As the kernel has it: SIG_DFL, no flags, an empty mask.
    const size_t mask_bytes = (NSIG - 1) / 8;
    for (int number = 1; number < NSIG; number++) {
        syscall(SYS_rt_sigaction, number, standard, NULL, mask_bytes);
    }
}

static void unblock_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void exec_first_of(const struct penstock_program *program) {
    int refused = 0;
    for (const char *const *file = program->candidates; *file != NULL; file++) {
        execve(*file, program->arguments, program->environment);
        if (errno == EACCES) {
            refused = EACCES;
        } else if (errno != ENOENT && errno != ENOTDIR) {
            return;
        }
    }
    if (refused != 0) errno = refused;
}

static _Noreturn void become(
    const struct penstock_program *program, const struct pipes *pipes, pid_t parent) {
    int report = above_standard(pipes->report[WRITE_END]);
    int input = above_standard(pipes->input[READ_END]);
    int output = above_standard(pipes->output[WRITE_END]);
    int errors = above_standard(pipes->errors[WRITE_END]);
    int guard = program->guard < 0 ? -1 : above_standard(program->guard);
    if (report < 0) _exit(127);
    if (input < 0 || output < 0 || errors < 0) give_up(report, PENSTOCK_STAGE_RESOURCES);

    if (setpgid(0, 0) != 0) give_up(report, PENSTOCK_STAGE_RESOURCES);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(report, PENSTOCK_STAGE_RESOURCES);
    if (getppid() != parent) _exit(127);  // It died before the line above: no signal will come.
    penstock_guard_tell(guard, getpid());

    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0) {
        give_up(report, PENSTOCK_STAGE_RESOURCES);
    }
    if (chdir(program->folder) != 0) give_up(report, PENSTOCK_STAGE_FOLDER);
    close_others_on_exec();
    if (are_descriptors_raised) setrlimit(RLIMIT_NOFILE, &descriptors);
    reset_signal_actions();
    unblock_signals();
    exec_first_of(program);
    give_up(report, PENSTOCK_STAGE_PROGRAM);
}

// In the parent.

static void close_if_open(int *descriptor) {
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
}

static void close_pipes(struct pipes *pipes) {
    int *all[] = {pipes->input, pipes->output, pipes->errors, pipes->report};
    for (int index = 0; index < 4; index++) {
        close_if_open(&all[index][READ_END]);
        close_if_open(&all[index][WRITE_END]);
    }
}

static int open_pipes(struct pipes *pipes) {
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    return pipe2(pipes->input, O_CLOEXEC) == 0 && pipe2(pipes->output, O_CLOEXEC) == 0
                   && pipe2(pipes->errors, O_CLOEXEC) == 0 && pipe2(pipes->report, O_CLOEXEC) == 0
                   && fcntl(pipes->input[WRITE_END], F_SETFL, O_NONBLOCK) == 0
                   && fcntl(pipes->output[READ_END], F_SETFL, O_NONBLOCK) == 0
                   && fcntl(pipes->errors[READ_END], F_SETFL, O_NONBLOCK) == 0
               ? 0
               : -1;
}

static void reap(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

struct penstock_failure penstock_spawn(
    const struct penstock_program *program, struct penstock_started *started) {
    struct penstock_failure failure = {PENSTOCK_STAGE_RESOURCES, 0};
    struct pipes pipes;
    if (open_pipes(&pipes) != 0) {
        failure.error = errno;
        close_pipes(&pipes);
        return failure;
    }

    // The child borrows our memory until it execs: no handler of ours may run in it.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t pid = vfork();
    if (pid == 0) become(program, &pipes, parent);
    int fork_error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (pid < 0) {
        failure.error = fork_error;
        close_pipes(&pipes);
        return failure;
    }
    close_if_open(&pipes.report[WRITE_END]);
    ssize_t length;
    do {
        length = read(pipes.report[READ_END], &failure, sizeof failure);
    } while (length < 0 && errno == EINTR);
    if (length != 0) {
        penstock_guard_tell(program->guard, -pid);
        reap(pid);
        close_pipes(&pipes);
        return failure;
    }

    int pidfd = penstock_pidfd_open(pid);
    if (pidfd < 0) {
        failure = (struct penstock_failure){PENSTOCK_STAGE_RESOURCES, errno};
        kill(-pid, SIGKILL);
        penstock_guard_tell(program->guard, -pid);
        reap(pid);
        close_pipes(&pipes);
        return failure;
    }
    *started = (struct penstock_started){
        .pid = pid,
        .pidfd = pidfd,
        .input = pipes.input[WRITE_END],
        .output = pipes.output[READ_END],
        .errors = pipes.errors[READ_END],
    };
    pipes.input[WRITE_END] = pipes.output[READ_END] = pipes.errors[READ_END] = -1;
    close_pipes(&pipes);
    return (struct penstock_failure){PENSTOCK_STAGE_STARTED, 0};
}
