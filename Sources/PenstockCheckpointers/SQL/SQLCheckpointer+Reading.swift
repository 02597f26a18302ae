package import PenstockModel
import PenstockSQL

extension SQLCheckpointer {
    package func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try await checkpoints(of: session, limit: 1, before: nil).first
    }

    package func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        let command = statements.checkpoint([.text(id.text), .text(session.text)])
        return try await read(about: "checkpoint \(id)") { connection throws(SQLError) in
            try connection.run(command).rows.first?.checkpoint()
        }
    }

    /// Whether the checkpoint is stored, without reading it.
    func holds(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        let command = statements.holdsCheckpoint([.text(id.text), .text(session.text)])
        return try await read(about: "checkpoint \(id)") { connection throws(SQLError) in
            try !connection.run(command).rows.isEmpty
        }
    }

    package func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        guard limit > 0 else { return [] }
        let last = SQLStatements.lastStep
        let command = statements.checkpoints([
            .text(session.text), .integer(min(Int64(step ?? .max), last)), .integer(min(Int64(limit), last)),
        ])
        let ofStep = statements.checkpointsOfStep
        let found = try await read(about: "a checkpoint of session \(session)") {
            connection throws(SQLError) in
            var page = try connection.run(command).rows.map { row throws(SQLError) in try row.checkpoint() }
            // Of the last one's step, llmfy may have written more than found room.
            if let last = page.last, last.next == nil {
                page.removeAll { $0.step == last.step }
                let values: [SQLValue] = [.text(session.text), .integer(Int64(last.step))]
                page += try connection.run(ofStep(values)).rows.map { row throws(SQLError) in
                    try row.checkpoint()
                }
            }
            return page
        }
        return Array(found.sorted(by: Self.isNewer).prefix(limit))
    }

    /// Of rows with equal steps, which llmfy writes, `__start__` is the later one.
    private static func isNewer(_ one: Checkpoint, _ other: Checkpoint) -> Bool {
        guard one.step == other.step else { return one.step > other.step }
        let (starts, otherStarts) = (one.node == "__start__", other.node == "__start__")
        guard starts == otherStarts else { return starts }
        return (one.timestamp, one.id.text) > (other.timestamp, other.id.text)
    }

    package func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        let command = statements.session([.text(session.text)])
        return try await read(about: "the record of session \(session)") { connection throws(SQLError) in
            try connection.run(command).rows.first?.sessionSummary()
        }
    }

    package func sessions(
        limit: Int, after session: SessionID?
    ) async throws(CheckpointerError) -> [SessionSummary] {
        guard limit > 0 else { return [] }
        let command = statements.sessions([
            .text(session?.text ?? ""), .integer(min(Int64(limit), SQLStatements.lastStep)),
        ])
        return try await read(about: "the record of a session") { connection throws(SQLError) in
            var summaries: [SessionSummary] = []
            for row in try connection.run(command).rows {
                if let summary = try row.sessionSummary() { summaries.append(summary) }
            }
            return summaries
        }
    }

    package func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? {
        let command = statements.job([.text(job.text)])
        return try await read(about: "the record of job \(job)") { connection throws(SQLError) in
            try connection.run(command).rows.first?.jobRecord()
        }
    }

    package func size() async throws(CheckpointerError) -> StoreSize {
        let command = statements.size()
        return try await read(about: "the size of the store") { connection throws(SQLError) in
            guard let row = try connection.run(command).rows.first else {
                throw .bug(reason: "The size of the store was not answered.")
            }
            return StoreSize(
                sessions: Int(try row.integer(at: 0)), checkpoints: Int(try row.integer(at: 1)),
                bytes: Int(try row.integer(at: 2)))
        }
    }
}
