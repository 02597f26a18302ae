/// A serial executor over one thread of its own, for calls that block: whatever runs here never holds up Swift's
/// cooperative pool.
///
/// An actor runs on it by returning `executor.asUnownedSerialExecutor()` from `unownedExecutor` and keeping the
/// executor in a property. Single calls go through ``run(_:)``. The thread starts with the first of either and lives
/// until ``shutDown()`` or ``endWhenDone()``; without one of them it stays as long as the process.
package final class ThreadExecutor: SerialExecutor {
    fileprivate enum Work: Sendable {
        case job(UnownedJob)
        case task(UnownedJob, on: Tasks)
        case call(@Sendable () -> Void)
    }

    fileprivate enum Orders {
        case work([Work])
        case end(telling: [CheckedContinuation<SystemThread?, Never>])
    }

    private struct State {
        var waiting: [Work] = []
        /// The thread that takes work, if one runs.
        var thread: SystemThread?
        /// The last that ended with nobody waiting for it, which someone has yet to join.
        var left: SystemThread?
        /// The thread found nothing to do and waits to be woken.
        var isAsleep = false
        /// The thread waits for more work instead of ending when there is none.
        var lingers = true
        var untilEnded: [CheckedContinuation<SystemThread?, Never>] = []
    }

    /// What debuggers and `top -H` call the thread: the first 15 bytes of it.
    package let name: String
    private let state = Monitor(State())

    package init(name: String) {
        self.name = name
    }

    /// Runs on the thread that ended, if that was the last to hold the executor.
    deinit {
        state.withLock { $0.left.take() }?.detach()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// Runs `body` on the thread, after everything that was handed over before, and gives what it returned.
    package func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let outcome: Result<Value, Failure> = await withCheckedContinuation { continuation in
            add(.call { continuation.resume(returning: Result(catching: body)) })
        }
        return try outcome.get()
    }

    /// Runs `body` on the thread, after everything that was handed over before, without waiting for it.
    package func post(_ body: @escaping @Sendable () -> Void) {
        add(.call(body))
    }

    /// Ends the thread once everything that was handed over has run, and returns when it is gone.
    ///
    /// Nothing is lost that comes later, for a task would wait for it for ever: it runs on a thread started for it,
    /// which ends as soon as it has no more to do.
    package func shutDown() async {
        let thread = await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> SystemThread?? in
                state.lingers = false
                guard state.thread != nil else { return .some(state.left.take()) }
                state.untilEnded.append(continuation)
                wakeIfAsleep(&state)
                return nil
            }
            if let ended { continuation.resume(returning: ended) }
        }
        thread?.join()
    }

    /// Ends the thread once everything that was handed over has run, without waiting for that.
    package func endWhenDone() {
        state.withLock { state in
            state.lingers = false
            wakeIfAsleep(&state)
        }
    }

    /// The thread for tasks, which it runs between what else it is given. A call that blocks it holds them up.
    package var tasks: any TaskExecutor { Tasks(thread: self) }

    fileprivate final class Tasks: TaskExecutor {
        private let thread: ThreadExecutor

        init(thread: ThreadExecutor) {
            self.thread = thread
        }

        func enqueue(_ job: consuming ExecutorJob) {
            thread.add(.task(UnownedJob(job), on: self))
        }
    }

    package func checkIsolated() {
        precondition(isIsolatingCurrentContext() == true, "expected to run on the thread '\(name)'")
    }

    package func isIsolatingCurrentContext() -> Bool? {
        state.withLock { $0.thread?.isCurrent ?? false }
    }

    fileprivate func add(_ work: Work) {
        let wakes = state.withLock { state in
            state.waiting.append(work)
            if state.thread == nil { state.thread = startThread(after: state.left.take()) }
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        // Woken under the lock, the thread would have to wait for it at once.
        if wakes { state.wake() }
    }

    private func wakeIfAsleep(_ state: inout State) {
        guard state.isAsleep else { return }
        state.isAsleep = false
        self.state.wake()
    }

    /// The thread holds the executor until it ends.
    private func startThread(after earlier: SystemThread?) -> SystemThread {
        let started = SystemThread.start(named: name) {
            earlier?.join()
            self.work()
        }
        switch started {
        case .success(let thread): return thread
        case .failure(let error): fatalError("'\(name)': \(error)")
        }
    }

    private func work() {
        while let batch = next() {
            for work in batch {
                switch work {
                case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
                case .task(let job, let tasks): job.runSynchronously(on: tasks.asUnownedTaskExecutor())
                case .call(let body): body()
                }
            }
        }
    }

    /// What is to be done now, all of it; nil when the thread is to end.
    private func next() -> [Work]? {
        let orders = state.waitFor { state -> Orders? in
            if !state.waiting.isEmpty {
                defer { state.waiting = [] }
                return .work(state.waiting)
            }
            state.isAsleep = state.lingers
            guard !state.isAsleep else { return nil }
            state.thread = nil
            if state.untilEnded.isEmpty { state.left = .current }
            defer { state.untilEnded = [] }
            return .end(telling: state.untilEnded)
        }
        switch orders {
        case .work(let batch):
            return batch
        case .end(let untilEnded):
            leave(telling: untilEnded)
            return nil
        }
    }

    /// The first that waits for the end joins the thread.
    private func leave(telling untilEnded: [CheckedContinuation<SystemThread?, Never>]) {
        guard let first = untilEnded.first else { return }
        for other in untilEnded.dropFirst() { other.resume(returning: nil) }
        first.resume(returning: .current)
    }
}
