import PenstockModel
import PenstockSQL

/// Opens sessions and saves to them, within a transaction of the caller's.
///
/// The session's row is always changed first: from there on to the commit nobody else gets at the session, and what is read
/// after it is what stands.
final class SQLFence: Sendable {
    private let statements: SQLStatements

    init(_ statements: SQLStatements) {
        self.statements = statements
    }

    func make(_ write: SQLWrite, on connection: any SQLConnection) throws(SQLError) -> SQLOutcome {
        switch write {
        case .open(let opening): .opened(try open(opening, on: connection))
        case .save(let save): try self.save(save, on: connection) ? .saved : .fenced
        }
    }

    private func open(
        _ opening: SQLOpening, on connection: any SQLConnection
    ) throws(SQLError) -> OpenedSession {
        let session = SQLValue.text(opening.session.text)
        let rows = try connection.query(
            statements.open, [session, .text(opening.owner), .moment(opening.now)])
        guard let row = rows.first else { throw .bug(reason: "Opening a session was not answered.") }
        let record = try row.sessionRecord()
        let latest = try connection.query(statements.position, [session]).first?.checkpoint()
        let start = try connection.query(
            statements.start, [session, .integer(Int64(latest?.step ?? .min))]
        ).first?.checkpoint()
        let job = try connection.query(statements.job, [.text(opening.job.text)]).first?.jobRecord()
        return OpenedSession(record: record, latest: latest, start: start, job: job)
    }

    /// - Returns: Whether it took effect, now or at an earlier try.
    private func save(_ save: SQLSave, on connection: any SQLConnection) throws(SQLError) -> Bool {
        guard try connection.execute(statements.advance, save.advance) == 1 else {
            guard save.checkpoint != nil else { return false }
            return try !connection.query(statements.holdsCheckpoint, save.checkpointID).isEmpty
        }
        if let checkpoint = save.checkpoint {
            try connection.execute(statements.insertCheckpoint, checkpoint)
        }
        if try connection.execute(statements.updateJob, save.job) == 0 {
            try connection.execute(statements.insertJob, save.job)
        }
        return true
    }
}
