package import PenstockModel
import PenstockSQL

extension SQLCheckpointer {
    package func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        let statement = statements.latest
        return try await read(about: "the latest checkpoint of session \(session)") {
            connection throws(SQLError) in
            try connection.query(statement, [.text(session.text)]).first?.checkpoint()
        }
    }

    package func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        let statement = statements.checkpoint
        return try await read(about: "checkpoint \(id)") { connection throws(SQLError) in
            try connection.query(statement, [.text(id.text), .text(session.text)]).first?.checkpoint()
        }
    }

    package func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        let statement = statements.checkpoints
        return try await read(about: "a checkpoint of session \(session)") { connection throws(SQLError) in
            guard limit > 0 else { return [] }
            var checkpoints: [Checkpoint] = []
            let values: [SQLValue] = [
                .text(session.text), .integer(Int64(step ?? .max)), .integer(Int64(limit)),
            ]
            for row in try connection.query(statement, values) {
                checkpoints.append(try row.checkpoint())
            }
            return checkpoints
        }
    }

    package func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        let statement = statements.session
        return try await read(about: "the record of session \(session)") { connection throws(SQLError) in
            try connection.query(statement, [.text(session.text)]).first?.sessionSummary()
        }
    }

    package func sessions(
        limit: Int, after session: SessionID?
    ) async throws(CheckpointerError) -> [SessionSummary] {
        let statement = statements.sessions
        return try await read(about: "the record of a session") { connection throws(SQLError) in
            guard limit > 0 else { return [] }
            var summaries: [SessionSummary] = []
            for row in try connection.query(
                statement, [.text(session?.text ?? ""), .integer(Int64(limit))])
            {
                if let summary = try row.sessionSummary() { summaries.append(summary) }
            }
            return summaries
        }
    }

    package func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? {
        let statement = statements.job
        return try await read(about: "the record of job \(job)") { connection throws(SQLError) in
            try connection.query(statement, [.text(job.text)]).first?.jobRecord()
        }
    }

    package func size() async throws(CheckpointerError) -> StoreSize {
        let statement = statements.size
        return try await read(about: "the size of the store") { connection throws(SQLError) in
            guard let row = try connection.query(statement).first else {
                throw .bug(reason: "The size of the store was not answered.")
            }
            return StoreSize(
                sessions: Int(try row.integer(at: 0)), checkpoints: Int(try row.integer(at: 1)),
                bytes: Int(try row.integer(at: 2)))
        }
    }
}
