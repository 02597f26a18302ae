package import PenstockModel
import PenstockSQL

extension SQLCheckpointer {
    @discardableResult
    package func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        let statements = statements
        let now = clock.now()
        return try await write(about: "session \(session)") { connection throws(SQLError) in
            let values: [SQLValue] = [.text(id.text), .text(session.text)]
            guard try !connection.query(statements.holdsCheckpoint, values).isEmpty else { return false }
            try connection.execute(statements.fence, [.text(session.text), .moment(now)])
            return try connection.execute(statements.deleteCheckpoint, values) == 1
        }
    }

    package func reset(_ session: SessionID) async throws(CheckpointerError) {
        let statements = statements
        let now = clock.now()
        try await write(about: "session \(session)") { connection throws(SQLError) in
            let id = SQLValue.text(session.text)
            guard try connection.query(statements.session, [id]).first?.sessionSummary() != nil else {
                return
            }
            try connection.execute(statements.fence, [id, .moment(now)])
            try connection.execute(statements.forgetFlow, [id])
            try connection.execute(statements.deleteCheckpoints, [id])
            try connection.execute(statements.deleteJobs, [id])
        }
    }

    package func clear() async throws(CheckpointerError) {
        let statements = statements
        try await write(about: "the store") { connection throws(SQLError) in
            for statement in statements.clear { try connection.execute(statement) }
        }
    }
}
