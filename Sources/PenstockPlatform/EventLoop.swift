import CPenstockPlatform
import Glibc
import Synchronization

/// The thread that starts programs, moves their bytes, waits for their ends and hears signals.
///
/// It never ends, because the kernel ties a program's life to the thread that started it. Actors whose
/// executor it is run on it, so that whatever belongs to one program needs no lock; none of it may block.
final class EventLoop: SerialExecutor {
    static let shared = EventLoop()

    enum Interest {
        case readable
        case writable
    }

    /// Names a descriptor that is watched; unlike the descriptor's number it is never used again.
    struct Watch: Hashable {
        fileprivate let number: UInt64
        fileprivate let descriptor: Int32
    }

    typealias Step = @Sendable () -> Void

    private struct State {
        var steps: [Step] = []
        var watched: [UInt64: Step] = [:]
        var deadlines: [ObjectIdentifier: (due: ContinuousClock.Instant, step: Step)] = [:]
        var lastWatch: UInt64 = 0
        var thread: pthread_t?
    }

    private static let wakeNumber: UInt64 = 0
    private static let eventsAtOnce = 64

    private let state = Mutex(State())
    private let epoll: Int32
    private let wake: Int32

    private init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard epoll >= 0, wake >= 0 else { fatalError("no event loop: \(text(ofError: errno))") }
        control(EPOLL_CTL_ADD, wake, number: Self.wakeNumber, for: .readable)
        penstock_default_action(SIGCHLD)
        _ = DedicatedThread(name: "penstock-child") { self.run() }
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        perform { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        let loop = state.withLock { $0.thread }
        guard let loop, pthread_equal(loop, pthread_self()) != 0 else {
            fatalError("this belongs on the event loop's thread")
        }
    }

    /// Runs `step` on the loop, after what was asked for earlier.
    func perform(_ step: @escaping Step) {
        let isFirst = state.withLock { state in
            state.steps.append(step)
            return state.steps.count == 1
        }
        if isFirst { eventfd_write(wake, 1) }
    }

    // MARK: Descriptors and deadlines

    /// Calls `step` on the loop whenever the descriptor is ready, or has ended, until ``stop(_:)``.
    func watch(_ descriptor: Int32, for interest: Interest, _ step: @escaping Step) -> Watch {
        let number = state.withLock { state in
            state.lastWatch += 1
            state.watched[state.lastWatch] = step
            return state.lastWatch
        }
        control(EPOLL_CTL_ADD, descriptor, number: number, for: interest)
        return Watch(number: number, descriptor: descriptor)
    }

    /// No step of this watch runs after this. To be called before the descriptor is closed.
    func stop(_ watch: Watch) {
        state.withLock { _ = $0.watched.removeValue(forKey: watch.number) }
        control(EPOLL_CTL_DEL, watch.descriptor, number: watch.number, for: .readable)
    }

    /// Calls `step` on the loop once `due` has come; an owner has one deadline, and `nil` takes it back.
    func setDeadline(_ due: ContinuousClock.Instant?, of owner: AnyObject, _ step: @escaping Step) {
        state.withLock { state in
            state.deadlines[ObjectIdentifier(owner)] = due.map { ($0, step) }
        }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, number: UInt64, for interest: Interest) {
        let events = interest == .readable ? EPOLLIN : EPOLLOUT
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(u64: number))
        guard epoll_ctl(epoll, operation, descriptor, &event) == 0 else {
            fatalError("descriptor \(descriptor) cannot be watched: \(text(ofError: errno))")
        }
    }

    // MARK: The thread

    private func run() {
        state.withLock { $0.thread = pthread_self() }
        penstock_block_broken_pipe()  // A program need not read its input.
        var events = [epoll_event](repeating: epoll_event(), count: Self.eventsAtOnce)
        while true {
            let count = epoll_wait(epoll, &events, Int32(events.count), patience())
            for event in events.prefix(max(0, Int(count))) {
                if event.data.u64 == Self.wakeNumber {
                    var times: eventfd_t = 0
                    eventfd_read(wake, &times)
                } else {
                    state.withLock { $0.watched[event.data.u64] }?()
                }
            }
            for step in dueSteps() { step() }
        }
    }

    /// Milliseconds until the next deadline, rounded up; -1 if there is none.
    private func patience() -> Int32 {
        guard let next = state.withLock({ $0.deadlines.values.map(\.due).min() }) else { return -1 }
        let milliseconds = (next - .now) / .milliseconds(1)
        return Int32(min(max(0, milliseconds.rounded(.up)), 60_000))
    }

    private func dueSteps() -> [Step] {
        state.withLock { state in
            var steps = state.steps
            state.steps.removeAll()
            guard !state.deadlines.isEmpty else { return steps }
            let now = ContinuousClock.now
            for (owner, deadline) in state.deadlines where deadline.due <= now {
                state.deadlines.removeValue(forKey: owner)
                steps.append(deadline.step)
            }
            return steps
        }
    }
}
