import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform
import Synchronization

/// A node whose program stays: as many of it as runs side by side, each asked one line at a time, started anew when it died.
final class ServingPrograms: Sendable {
    private let program: Program
    private let limit: Duration?
    private let idle = Mutex<[ServeProcess]>([])

    init(_ program: Program, limit: Duration?) {
        self.program = program
        self.limit = limit
    }

    @Sendable func update(of state: JSONObject, in context: NodeContext) async throws -> Update<JSONObject> {
        let question = JSON.object(Self.question(state, context)).bytes
        let answer = try await withTimeLimit(limit) {
            do throws(ChildProcessError) {
                return try await self.ask(question, context)
            } catch {
                throw ProgramFailure.error(for: error)
            }
        }
        return try ProgramAnswer.update(answer)
    }

    private func ask(_ question: [UInt8], _ context: NodeContext) async throws(ChildProcessError) -> [UInt8] {
        let process = try await ready(context)
        let answer = try await process.exchange(question)
        idle.withLock { $0.append(process) }
        return answer
    }

    /// One that waits for a question, or a new one. One that died while it waited is not asked.
    private func ready(_ context: NodeContext) async throws(ChildProcessError) -> ServeProcess {
        while let process = idle.withLock({ $0.popLast() }) {
            if await process.isRunning { return process }
        }
        let log = context.log
        return try await ServeProcess.start(program, limits: .ofNodes) { line in
            log.info(line, ["from": "stderr"])
        }
    }

    /// The line that a program is sent.
    private static func question(_ state: JSONObject, _ context: NodeContext) -> JSONObject {
        var question: JSONObject = [
            "state": .object(state), "flow": .string(context.flow.text), "node": .string(context.node.text),
            "job_id": .string(context.job.text), "step": .number(.init(context.step)),
            "attempt": .number(.init(context.attempt)), "idempotency_key": .string(context.idempotencyKey),
        ]
        if let session = context.session { question["session_id"] = .string(session.text) }
        if let traceparent = context.traceparent { question["traceparent"] = .string(traceparent) }
        return question
    }
}
