import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform

/// A node whose program runs once: the state goes in as JSON, an update comes out.
struct RunningProgram: Sendable {
    private let program: Program
    private let limit: Duration?

    init(_ program: Program, limit: Duration?) {
        self.program = program
        self.limit = limit
    }

    @Sendable func update(of state: JSONObject, in context: NodeContext) async throws -> Update<JSONObject> {
        var program = program
        program.environment.merge(NodeEnvironment.variables(context)) { _, ours in ours }
        let finished = try await withTimeLimit(limit) { [program] in
            do throws(ChildProcessError) {
                return try await ChildProcess.run(
                    program, input: JSON.object(state).bytes, limits: .ofNodes,
                    onErrorLine: { ErrorLine.tell($0, in: context) })
            } catch {
                throw ProgramFailure.error(for: error)
            }
        }
        guard finished.exit.isSuccess else {
            throw ProgramFailure.error(for: finished.exit, errorTail: finished.errorTail)
        }
        return try ProgramAnswer.update(finished.output)
    }
}

extension ChildLimits {
    /// A program that is cancelled because its worker lost the lock is gone before the lock can be another's.
    static let ofNodes: ChildLimits = {
        var limits = ChildLimits()
        limits.terminationGrace = .seconds(2)
        return limits
    }()
}
