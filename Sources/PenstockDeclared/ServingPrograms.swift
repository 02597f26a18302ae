import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform
import Synchronization

/// A node whose program stays: as many of it as run side by side, each asked one line at a time, started anew when it died.
///
/// They end when the flow that this belongs to is let go of, and with the worker.
final class ServingPrograms: Sendable {
    private let program: Program
    private let limit: Duration?
    private let idle = Mutex<[ServingProgram]>([])

    init(_ program: Program, limit: Duration?) {
        self.program = program
        self.limit = limit
    }

    @Sendable func update(of state: JSONObject, in context: NodeContext) async throws -> Update<JSONObject> {
        let question = JSON.object(Self.question(state, context)).bytes
        let answer = try await withTimeLimit(limit) {
            do throws(ChildProcessError) {
                return try await self.answer(to: question, context)
            } catch {
                throw ProgramFailure.error(for: error)
            }
        }
        return try ProgramAnswer.update(answer)
    }

    private func answer(to question: [UInt8], _ context: NodeContext) async throws(ChildProcessError)
        -> [UInt8]
    {
        while let program = idle.withLock({ $0.popLast() }) {
            do throws(ChildProcessError) {
                // Those that died while they waited are forgotten.
                guard let answer = try await program.answerIfRunning(to: question, context) else { continue }
                keep(program)
                return answer
            } catch {
                // One that has answered before and now ends in peace was leaving anyhow: it is not this question's fault.
                guard case .ended(.exited(code: 0), _) = error else { throw error }
            }
        }
        let program = try await ServingProgram(starting: self.program, context)
        let answer = try await program.answer(to: question, context)
        keep(program)
        return answer
    }

    private func keep(_ program: ServingProgram) {
        idle.withLock { $0.append(program) }
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
