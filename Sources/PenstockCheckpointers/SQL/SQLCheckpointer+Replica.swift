package import PenstockModel
import PenstockSQL

extension SQLCheckpointer: ReplicaStore {
    package func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead {
        let statements = statements.replica
        return try await read(about: "the record of session \(session)") { connection throws(SQLError) in
            let id = SQLValue.text(session.text)
            return SessionHead(
                record: try connection.run(statements.record([id])).rows.first?.sessionRecord(),
                latest: try connection.run(statements.latest([id])).rows.first.map { row throws(SQLError) in
                    CheckpointID(try row.text(at: 0))
                })
        }
    }

    package func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark] {
        let command = statements.replica.marks([.text(session.text)])
        return try await read(about: "the checkpoints of session \(session)") { connection throws(SQLError) in
            var marks: [CheckpointMark] = []
            for row in try connection.run(command).rows {
                marks.append(
                    CheckpointMark(id: CheckpointID(try row.text(at: 0)), step: Int(try row.integer(at: 1))))
            }
            return marks
        }
    }

    package func checkpoints(
        _ ids: [CheckpointID], of session: SessionID
    ) async throws(CheckpointerError) -> [Checkpoint] {
        let commands = ids.map { statements.checkpoint([.text($0.text), .text(session.text)]) }
        return try await read(about: "a checkpoint of session \(session)") { connection throws(SQLError) in
            var checkpoints: [Checkpoint] = []
            for answer in try connection.run(commands) {
                if let row = answer.rows.first { checkpoints.append(try row.checkpoint()) }
            }
            return checkpoints
        }
    }

    package func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord] {
        guard limit > 0 else { return [] }
        let command = statements.replica.jobs([
            .text(session.text), .text(job?.text ?? ""), .integer(min(Int64(limit), SQLStatements.lastStep)),
        ])
        return try await read(about: "a job of session \(session)") { connection throws(SQLError) in
            var jobs: [JobRecord] = []
            for row in try connection.run(command).rows { jobs.append(try row.jobRecord()) }
            return jobs
        }
    }

    package func absorb(_ copy: SessionCopy) async throws(CheckpointerError) -> Bool {
        if let fault = copy.fault { throw .unfit(reason: fault) }
        let statements = statements
        return try await write(about: "session \(copy.record.id)") { connection throws(SQLError) in
            guard try statements.takeOver(copy, on: connection) else { return false }
            var moments = SQLMoments()
            let session = SQLValue.text(copy.record.id.text)
            for id in copy.removedCheckpoints {
                _ = try connection.run(statements.deleteCheckpoint([.text(id.text), session]))
            }
            for checkpoint in copy.checkpoints {
                let held = statements.holdsCheckpoint([.text(checkpoint.id.text), session])
                guard try connection.run(held).rows.isEmpty else { continue }
                _ = try connection.run(statements.replica.addCheckpoint(checkpoint.sqlValues(&moments)))
            }
            for job in copy.removedJobs {
                _ = try connection.run(statements.replica.removeJob([.text(job.text), session]))
            }
            for job in copy.jobs {
                _ = try connection.run(statements.replica.putJob(job.sqlValues(&moments)))
            }
            return true
        }
    }

    package func noted(_ note: PairNote) async throws(CheckpointerError) -> String? {
        let command = statements.replica.noted([.integer(Int64(note.rawValue))])
        let found = try await read(about: "the pair of stores") { connection throws(SQLError) in
            try connection.run(command).rows.first.map { row throws(SQLError) in try row.text(at: 0) }
        }
        return found == "" ? nil : found
    }

    package func replace(
        _ note: PairNote, _ old: String?, by new: String?
    ) async throws(CheckpointerError) -> Bool {
        let replica = statements.replica
        let id = SQLValue.integer(Int64(note.rawValue))
        return try await write(about: "the pair of stores") { connection throws(SQLError) in
            if old == nil { _ = try connection.run(replica.addNote([id])) }
            let values: [SQLValue] = [.text(new ?? ""), id, .text(old ?? "")]
            return try connection.run(replica.replaceNote(values)).changes == 1
        }
    }
}

extension SQLStatements {
    /// Changes the session's row, which nobody else gets at until the transaction ends.
    fileprivate func takeOver(
        _ copy: SessionCopy, on connection: any SQLConnection
    ) throws(SQLError) -> Bool {
        let record = copy.record
        let values: [SQLValue] = [
            .text(record.id.text), .integer(record.epoch), .text(record.owner), .integer(Int64(record.head)),
            .optional(record.flow), .optional(record.version.map { Int64($0) }),
            .optional(record.status?.rawValue), .moment(record.created), .moment(record.updated),
        ]
        if copy.over == nil {
            _ = try connection.run(replica.addSession([.text(record.id.text), .moment(record.created)]))
        }
        let fence: [SQLValue] = [
            .integer(copy.over?.epoch ?? -1), .text(copy.over?.owner ?? ""),
            .integer(Int64(copy.over?.head ?? 0)),
        ]
        return try connection.run(replica.replaceSession(values + fence)).changes == 1
    }
}
