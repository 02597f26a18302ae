import PenstockModel
import PenstockSQL

/// Opens sessions and saves to them, within a transaction of the caller's.
///
/// The session's row is always changed first: from there on to the commit nobody else gets at the session, and what is read
/// after it is what stands.
struct SQLFence: Sendable {
    let statements: SQLStatements

    func make(_ write: SQLWrite, on connection: any SQLConnection) throws(SQLError) -> SQLOutcome {
        switch write {
        case .open(let session, let job, let owner, let now):
            .opened(try open(session, for: job, as: owner, at: now, on: connection))
        case .save(let save):
            try self.save(save, on: connection) ? .saved : .fenced
        }
    }

    private func open(
        _ session: SessionID, for job: JobID, as owner: String, at now: Timestamp,
        on connection: any SQLConnection
    ) throws(SQLError) -> OpenedSession {
        let rows = try connection.query(
            statements.open, [.text(session.text), .text(owner), .moment(now)])
        guard let row = rows.first else { throw .bug(reason: "Opening a session was not answered.") }
        let record = try row.sessionRecord()
        let latest = try connection.query(statements.position, [.text(session.text)]).first?.checkpoint()
        let start = try connection.query(
            statements.start, [.text(session.text), .integer(Int64(latest?.step ?? .min))]
        ).first?.checkpoint()
        let job = try connection.query(statements.job, [.text(job.text)]).first?.jobRecord()
        return OpenedSession(record: record, latest: latest, start: start, job: job)
    }

    /// - Returns: Whether it took effect, now or at an earlier try.
    private func save(_ save: Save, on connection: any SQLConnection) throws(SQLError) -> Bool {
        let advanced = try connection.execute(
            statements.advance,
            [
                .integer(Int64(save.checkpoint?.step ?? save.seen)), .text(save.flow),
                .integer(Int64(save.version)), .text(save.status.rawValue), .moment(save.job.updated),
                .text(save.session.text), .integer(save.epoch), .text(save.owner),
                .integer(Int64(save.seen)),
            ])
        guard advanced == 1 else { return try holds(save.checkpoint, on: connection) }
        if let checkpoint = save.checkpoint {
            try connection.execute(statements.insertCheckpoint, checkpoint.sqlValues)
        }
        if try connection.execute(statements.updateJob, save.job.sqlValuesForUpdate) == 0 {
            try connection.execute(statements.insertJob, save.job.sqlValuesForInsert)
        }
        return true
    }

    private func holds(
        _ checkpoint: Checkpoint?, on connection: any SQLConnection
    ) throws(SQLError) -> Bool {
        guard let checkpoint else { return false }
        return try !connection.query(
            statements.holdsCheckpoint, [.text(checkpoint.id.text), .text(checkpoint.session.text)]
        ).isEmpty
    }
}
