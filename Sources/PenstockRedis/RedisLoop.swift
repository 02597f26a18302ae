import CPenstockPlatform
import Glibc
import Synchronization

/// A thread that serves connections to Redis by turns, and in between runs the tasks that prefer it: one that mostly waits for Redis
/// goes on where its reply came in, and no other thread is woken for it.
///
/// A turn hands out what has arrived, runs the tasks that can go on, and sends what they ask for. They must not block the thread, and
/// what computes for long belongs elsewhere.
///
/// The thread starts when there is something to do and ends when every connection is closed and no task is left to run.
/// Nothing is lost that comes later: a thread is started for it.
///
/// `@unchecked`: the stored `var`s belong to the thread, as hiredis' contexts must. The inbox is everybody's.
package final class RedisLoop: TaskExecutor, @unchecked Sendable {
    struct Inbox: ~Copyable {
        var jobs: [UnownedJob] = []
        /// Those with something in an inbox of their own.
        var lines: [RedisLine] = []
        var hasThread = false
        /// The thread sleeps, or is about to, and has to be woken.
        var isAsleep = false

        var isEmpty: Bool { jobs.isEmpty && lines.isEmpty }
    }
    let inbox = Mutex(Inbox())
    let bell = RedisBell()

    /// The lines that are not closed.
    var lines: [RedisLine] = []
    /// The inbox's other arrays: they take turns, so that none is allocated anew.
    var takenJobs: [UnownedJob] = []
    var takenLines: [RedisLine] = []
    /// What is waited for: the bell, and then each line.
    var polled: [pollfd] = []
    /// Since when yielding to the callers is worth a try.
    var politeAgain = ContinuousClock.now

    package init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        switch put({ $0.jobs.append(job) }) {
        case .seen: break
        case .asleep: bell.ring()
        case .noThread: fatalError("no thread or file left to run a task")
        }
    }

    enum Notice {
        /// The thread is at work, and looks into its inbox before it sleeps.
        case seen
        /// The bell has to be rung.
        case asleep
        case noThread
    }

    /// Asks the thread to look into a line's inbox.
    func notice(_ line: RedisLine) -> Notice {
        put { $0.lines.append(line) }
    }

    private func put(_ add: (inout Inbox) -> Void) -> Notice {
        inbox.withLock { inbox in
            if !inbox.hasThread {
                guard bell.isSound, startThread() else { return .noThread }
                inbox.hasThread = true
            }
            add(&inbox)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep ? .asleep : .seen
        }
    }

    /// False if the system has no thread left.
    private func startThread() -> Bool {
        var thread = pthread_t()
        let kept = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { kept in
                guard let kept else { return nil }
                penstock_name_thread("penstock-redis")
                Unmanaged<RedisLoop>.fromOpaque(kept).takeRetainedValue().run()
                return nil
            }, kept.toOpaque())
        guard status == 0 else {
            kept.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
