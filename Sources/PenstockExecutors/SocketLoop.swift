import Glibc
import Synchronization

/// A thread that serves connections by turns, and in between runs the tasks that prefer it: one that mostly waits for answers
/// goes on where its answer came in, and no other thread is woken for it.
///
/// A turn hands out what has arrived, runs the tasks that can go on, and sends what they ask for. They must not block the thread, and
/// what computes for long belongs elsewhere.
///
/// The thread starts when there is something to do and ends when it serves nobody, no task is left to run, and nobody keeps it. Nothing
/// is lost that comes later: a thread is started for it.
///
/// `@unchecked`: the stored `var`s belong to the thread, as what it serves does. The inbox is everybody's.
package final class SocketLoop: TaskExecutor, @unchecked Sendable {
    enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    struct Inbox: ~Copyable {
        var work: [Work] = []
        /// Those with something in an inbox of their own.
        var members: [any LoopMember] = []
        var hasThread = false
        /// The thread sleeps, or is about to, and has to be woken.
        var isAsleep = false
        /// How many want the thread to stay.
        var keepers = 0

        var isEmpty: Bool { work.isEmpty && members.isEmpty }
    }
    let inbox = Mutex(Inbox())
    let bell = LoopBell()
    /// The thread, if there is one.
    let thread = Atomic<UInt>(0)

    /// Those that have not left.
    var members: [any LoopMember] = []
    /// The inbox's other arrays: they take turns, so that none is allocated anew.
    var takenWork: [Work] = []
    var takenMembers: [any LoopMember] = []
    /// What is waited for: the bell, and then each member's socket.
    var polled: [pollfd] = []
    /// Since when yielding to the callers is worth a try.
    var politeAgain = ContinuousClock.now

    package init() {}

    /// Whether the caller runs on the thread.
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    package func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// Runs `body` on the thread, without waiting for it.
    package func post(_ body: @escaping @Sendable () -> Void) {
        add(.call(body))
    }

    private func add(_ work: Work) {
        switch put({ $0.work.append(work) }) {
        case .seen: break
        case .asleep: ring()
        case .noThread: fatalError("no thread or file left to run a task")
        }
    }

    package enum Notice {
        /// The thread is at work, and looks into its inbox before it sleeps.
        case seen
        /// ``ring()`` has to be called.
        case asleep
        case noThread
    }

    /// Asks the thread to look into a member's inbox, and to serve it from now on.
    package func notice(_ member: any LoopMember) -> Notice {
        put { $0.members.append(member) }
    }

    /// Wakes the thread. Better called without a lock that it will want.
    package func ring() { bell.ring() }

    /// Has the thread stay while it has nothing to do, until ``letGo()``.
    package func keep() { inbox.withLock { $0.keepers += 1 } }

    /// Takes one ``keep()`` back.
    package func letGo() {
        inbox.withLock { $0.keepers -= 1 }
        ring()
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
        guard
            case .success(let thread) = SystemThread.start(named: "penstock-loop", { self.run() })
        else { return false }
        thread.detach()
        return true
    }
}
