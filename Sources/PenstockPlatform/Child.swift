import CPenstockPlatform
import Glibc
import Synchronization

/// One started program: its pipes, its end, and who waits for it. It lives on the event loop.
actor Child {
    private static let groups = Mutex(ProcessGroups())
    /// When a program has ended, what it left in its standard error is read up to this.
    private static let lastErrorBytes = 1024 * 1024

    nonisolated var unownedExecutor: UnownedSerialExecutor { EventLoop.shared.asUnownedSerialExecutor() }

    let program: Program
    private let onErrorLine: @Sendable (String) -> Void
    private let keepsInputOpen: Bool

    private var lifetime: ChildLifetime
    private var pid: pid_t = 0
    private var input: ChildPipe?
    private var unwritten: ArraySlice<UInt8>
    private var standardOutput: ChildPipe?
    private var standardError: ChildPipe?
    private var pidfd: ChildPipe?
    private var output: ChildOutput
    private var errors: ErrorLines
    /// Why it was made to end, if it was: the first reason counts.
    private var verdict: Verdict?
    private var end: Finished?
    private var endWaiters: [CheckedContinuation<Finished, Never>] = []
    private var question: Question?
    private var lastQuestion: UInt64 = 0
    private var withdrawn: Set<UInt64> = []

    typealias Answer = Result<[UInt8], ChildProcessError>

    /// A line that is to be answered. Numbers rise.
    private struct Question {
        let line: [UInt8]
        let number: UInt64
        let asker: CheckedContinuation<Answer?, Never>
    }

    /// `input` is all of its standard input, or `nil` if questions will follow.
    init(
        _ program: Program, input: [UInt8]?, output: ChildOutput, limits: ChildLimits,
        onErrorLine: @escaping @Sendable (String) -> Void
    ) {
        self.program = program
        self.onErrorLine = onErrorLine
        self.output = output
        keepsInputOpen = input == nil
        unwritten = (input ?? [])[...]
        lifetime = ChildLifetime(limits: limits)
        errors = ErrorLines(limits: limits, now: .now)
    }

    // MARK: Start and end

    func start() throws(ChildProcessError) {
        if verdict == .cancelled { throw .cancelled(errorTail: "") }
        let guardSocket = Self.groups.withLock { $0.guardSocket() }
        let started = try program.spawn(guardSocket: guardSocket)
        Self.groups.withLock { $0.add(started.pid) }
        pid = started.pid
        input = ChildPipe(descriptor: started.input)
        standardOutput = watched(started.output) { $0.readOutput() }
        standardError = watched(started.errors) { $0.readErrors() }
        pidfd = watched(started.pidfd) { $0.exited() }
        write()
    }

    /// Waits until the program and its group are gone.
    ///
    /// Whoever waits here or in ``ask(_:number:)`` enters in one step of the loop. A method of the actor that looked first and then
    /// waited would do so in two, with others between, where the task prefers another executor: it leaves the actor's to come back.
    nonisolated func finished() async -> Finished {
        await withCheckedContinuation { waiter in
            EventLoop.shared.perform { self.assumeIsolated { $0.tellEnd(to: waiter) } }
        }
    }

    private func tellEnd(to waiter: CheckedContinuation<Finished, Never>) {
        if let end { waiter.resume(returning: end) } else { endWaiters.append(waiter) }
    }

    var isRunning: Bool { pid != 0 && end == nil && verdict == nil && pidfd != nil && standardOutput != nil }

    /// TERM now, KILL when the grace is over. Before the start: it never starts.
    func cancel() {
        condemn(.cancelled)
        if pid != 0 { act(lifetime.terminate(now: .now)) }
    }

    /// Closes standard input; a program that does not take the hint soon gets TERM, then KILL.
    func close() {
        condemn(.cancelled)
        guard pid != 0 else { return }
        closeInput()
        lifetime.close(now: .now)
        act(.nothing)
    }

    private func condemn(_ reason: Verdict) {
        if verdict == nil { verdict = reason }
    }

    private func act(_ action: ChildLifetime.Action) {
        switch action {
        case .nothing: break
        case .terminate:
            kill(-pid, SIGTERM)
            kill(-pid, SIGCONT)  // A stopped program could not hear it.
        case .kill: kill(-pid, SIGKILL)
        case .finish: finish()
        }
        EventLoop.shared.setDeadline(lifetime.deadline, of: self) {
            self.assumeIsolated { $0.act($0.lifetime.deadlinePassed(now: .now)) }
        }
    }

    private func exited() {
        drop(&pidfd)
        closeInput()
        act(lifetime.exited(now: .now))
    }

    private func finish() {
        kill(-pid, SIGKILL)
        drainErrors()
        errors.close(forward: onErrorLine)
        closeInput()
        drop(&standardOutput)
        drop(&standardError)
        drop(&pidfd)
        Self.groups.withLock { $0.remove(pid) }
        let status = penstock_reap(pid)
        let exit: ProgramExit = status < 0 ? .signalled(number: -status) : .exited(code: status)
        let end = Finished(exit: exit, output: output.bytes, errorTail: errors.tailText, verdict: verdict)
        output = .discarded
        self.end = end
        for waiter in endWaiters { waiter.resume(returning: end) }
        endWaiters = []
        answer(.failure(end.error))
    }

    // MARK: Pipes

    private func watched(_ descriptor: Int32, _ ready: @escaping @Sendable (isolated Child) -> Void)
        -> ChildPipe
    {
        let watch = EventLoop.shared.watch(descriptor, for: .readable) { self.assumeIsolated(ready) }
        return ChildPipe(descriptor: descriptor, watch: watch)
    }

    private func drop(_ pipe: inout ChildPipe?) {
        pipe?.close()
        pipe = nil
    }

    private func closeInput() {
        unwritten = []
        drop(&input)
    }

    /// Writes what the pipe takes, and comes back when it takes more.
    private func write() {
        guard var pipe = input else { return }
        while !unwritten.isEmpty {
            let count = unwritten.withUnsafeBytes { Glibc.write(pipe.descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                unwritten = unwritten.dropFirst(count)
            } else if errno == EAGAIN {
                if pipe.watch == nil {
                    pipe.watch = EventLoop.shared.watch(pipe.descriptor, for: .writable) {
                        self.assumeIsolated { $0.write() }
                    }
                    input = pipe
                }
                return
            } else if errno != EINTR {
                return closeInput()  // It reads no more: its answer and its exit say what that means.
            }
        }
        unwritten = []
        if !keepsInputOpen { return closeInput() }
        if let watch = pipe.watch {
            EventLoop.shared.stop(watch)
            pipe.watch = nil
            input = pipe
        }
    }

    private func readOutput() {
        switch standardOutput?.read() {
        case nil, .nothingYet: break
        case .bytes(let bytes):
            switch output.take(bytes[...], isAsked: question != nil) {
            case .more: break
            case .answer(let line): answer(.success(line))
            case .tooLarge(let limit): destroy(.tooLarge(limit: limit))
            case .unasked(let output): destroy(.unasked(output))
            }
        case .end:
            drop(&standardOutput)
            // Whoever serves and can answer no more is of no use.
            if keepsInputOpen { lifetime.close(now: .now) }
            act(lifetime.outputEnded())
        }
    }

    private func destroy(_ reason: Verdict) {
        condemn(reason)
        output = .discarded
        act(lifetime.kill())
    }

    private func readErrors() {
        switch standardError?.read() {
        case nil, .nothingYet: break
        case .bytes(let bytes): errors.take(bytes[...], now: .now, forward: onErrorLine)
        case .end: drop(&standardError)
        }
    }

    /// What the program wrote before it ended is in the pipe; what others go on writing is not waited for.
    private func drainErrors() {
        var left = Self.lastErrorBytes
        while left > 0, case .bytes(let bytes) = standardError?.read() {
            errors.take(bytes[...], now: .now, forward: onErrorLine)
            left -= bytes.count
        }
    }

    // MARK: Questions

    /// Writes a line and waits for one line; `nil` if the program has ended, or will. Numbers rise.
    nonisolated func ask(_ line: [UInt8], number: UInt64) async -> Answer? {
        await withCheckedContinuation { asker in
            let question = Question(line: line, number: number, asker: asker)
            EventLoop.shared.perform { self.assumeIsolated { $0.put(question) } }
        }
    }

    private func put(_ asked: Question) {
        if withdrawn.remove(asked.number) != nil {
            asked.asker.resume(returning: .failure(.cancelled(errorTail: "")))
        } else if question != nil {
            asked.asker.resume(returning: .failure(.busy))
        } else if asked.line.contains(UInt8(ascii: "\n")) {
            asked.asker.resume(returning: .failure(.questionNotOneLine))
        } else if !isRunning {
            asked.asker.resume(returning: nil)
        } else {
            lastQuestion = asked.number
            question = asked
            unwritten.append(contentsOf: asked.line)
            unwritten.append(UInt8(ascii: "\n"))
            write()
        }
    }

    /// Whoever asked no longer waits: the answer would be taken for the next question's, so the program
    /// must go.
    func withdraw(question number: UInt64) {
        if question?.number == number {
            cancel()
        } else if number > lastQuestion {
            withdrawn.insert(number)
        }
    }

    private func answer(_ answer: Answer) {
        guard let asked = question else { return }
        question = nil
        asked.asker.resume(returning: answer)
    }
}
