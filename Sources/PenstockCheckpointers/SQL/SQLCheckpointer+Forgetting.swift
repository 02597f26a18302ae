package import PenstockModel
import PenstockSQL

extension SQLCheckpointer {
    @discardableResult
    package func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        let statements = statements
        let now = clock.now()
        return try await write(about: "session \(session)") { connection throws(SQLError) in
            let values: [SQLValue] = [.text(id.text), .text(session.text)]
            guard try !connection.run(statements.holdsCheckpoint(values)).rows.isEmpty else { return false }
            _ = try connection.run(statements.fence([.text(session.text), .moment(now)]))
            return try connection.run(statements.deleteCheckpoint(values)).changes == 1
        }
    }

    package func reset(_ session: SessionID) async throws(CheckpointerError) {
        let statements = statements
        let now = clock.now()
        try await write(about: "session \(session)") { connection throws(SQLError) in
            let id = SQLValue.text(session.text)
            guard try connection.run(statements.session([id])).rows.first?.sessionSummary() != nil else {
                return
            }
            _ = try connection.run([
                statements.fence([id, .moment(now)]), statements.forgetFlow([id]),
                statements.deleteCheckpoints([id]),
                statements.deleteJobs([id]),
            ])
        }
    }

    package func clear() async throws(CheckpointerError) {
        let commands = statements.clear.map { $0() }
        try await write(about: "the store") { connection throws(SQLError) in
            _ = try connection.run(commands)
        }
    }
}
