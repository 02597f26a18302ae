import Synchronization

/// A program that stays, and answers each line on its standard input with one line on its standard output.
///
/// It lives and dies like the programs of ``ChildProcess``; when the last reference goes, so does the
/// program. Whether a new one is started in its place is the caller's to decide.
package final class ServeProcess: Sendable {
    private let child: Child
    private let questions = Atomic<UInt64>(0)

    private init(_ child: Child) {
        self.child = child
    }

    deinit {
        EventLoop.shared.perform { [child] in child.assumeIsolated { $0.close() } }
    }

    /// Starts the program; it is not waited for. `onErrorLine` is as in
    /// ``ChildProcess/run(_:input:keepsOutput:limits:onErrorLine:)``.
    package static func start(
        _ program: Program, limits: ChildLimits = ChildLimits(),
        onErrorLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(ChildProcessError) -> ServeProcess {
        let output = ChildOutput.answers([], limit: limits.outputBytes)
        let child = Child(program, input: nil, output: output, limits: limits, onErrorLine: onErrorLine)
        try await child.start()
        return ServeProcess(child)
    }

    /// Whether a question can be asked; a program may end at any time after this said so.
    package var isRunning: Bool {
        get async { await child.isRunning }
    }

    /// Sends one line and returns the answer; both without their line feed. One at a time.
    ///
    /// Cancelling the task ends the program, because its late answer would be taken for the next one's.
    ///
    /// - Throws: ``ChildProcessError``. But for `busy` and `questionNotOneLine`, and `cancelled` before the
    ///   line was sent, the program is gone; it may have acted on the line.
    package func exchange(_ line: [UInt8]) async throws(ChildProcessError) -> [UInt8] {
        guard let answer = try await exchangeIfRunning(line) else { throw await child.finished().error }
        return answer
    }

    /// The same; `nil` if the program had ended before, so that nothing was asked.
    package func exchangeIfRunning(_ line: [UInt8]) async throws(ChildProcessError) -> [UInt8]? {
        let number = questions.wrappingAdd(1, ordering: .relaxed).newValue
        let child = child
        return try await withTaskCancellationHandler {
            await child.ask(line, number: number)
        } onCancel: {
            EventLoop.shared.perform { child.assumeIsolated { $0.withdraw(question: number) } }
        }?.get()
    }

    /// Closes the program's standard input, and ends it if it does not end by itself: TERM, then KILL.
    ///
    /// Returns when it is gone.
    @discardableResult
    package func stop() async -> ProgramExit {
        await child.close()
        return await child.finished().exit
    }
}
