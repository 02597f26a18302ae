import PenstockEngine
import PenstockPlatform
import Synchronization

/// One program that stays, and the node that it works for: what it writes to standard error is about that one.
final class ServingProgram: Sendable {
    private let process: ServeProcess
    private let lines: DirectedErrors

    init(starting program: Program, _ context: NodeContext) async throws(ChildProcessError) {
        let lines = DirectedErrors(context)
        self.lines = lines
        process = try await ServeProcess.start(program, limits: .ofNodes, onErrorLine: lines.note)
    }

    func answer(to question: [UInt8], _ context: NodeContext) async throws(ChildProcessError) -> [UInt8] {
        lines.direct(to: context)
        return try await process.exchange(question)
    }

    /// The same; `nil` if the program has ended meanwhile, so that nothing was asked.
    func answerIfRunning(
        to question: [UInt8], _ context: NodeContext
    ) async throws(ChildProcessError) -> [UInt8]? {
        lines.direct(to: context)
        return try await process.exchangeIfRunning(question)
    }
}

/// Tells the lines of the program's standard error for the node that it serves now.
private final class DirectedErrors: Sendable {
    private let context: Mutex<NodeContext>

    init(_ context: NodeContext) {
        self.context = Mutex(context)
    }

    func direct(to context: NodeContext) {
        self.context.withLock { $0 = context }
    }

    @Sendable func note(_ line: String) {
        ErrorLine.tell(line, in: context.withLock { $0 })
    }
}
