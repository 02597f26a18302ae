import PenstockModel
import PenstockSQL

/// A write that is made together with those of other sessions, or a look that is taken together with them.
enum SQLWrite: Sendable {
    case look(SQLLook)
    case open(SQLOpening)
    case save(SQLSave)

    /// Whether it must not be lost with the host. An opening may: until something is saved nothing hangs on it, and whoever opens
    /// after it names another token.
    var isDurable: Bool {
        switch self {
        case .look, .open: false
        case .save: true
        }
    }

    /// Whether it changes nothing.
    var isReading: Bool { if case .look = self { true } else { false } }

    var session: SessionID {
        switch self {
        case .look(let look): look.session
        case .open(let opening): opening.session
        case .save(let save): save.session
        }
    }
}

/// What became of a ``SQLWrite`` once its transaction was committed.
enum SQLOutcome: Sendable {
    /// `nil` where the session has to be opened first.
    case seen(OpenedSession?)
    case opened(OpenedSession)
    case saved
    /// Nothing can be said of it yet, and it may be made once more: alone.
    case unsettled
    /// The session was not the writer's: another has opened it since, or this save was made at an earlier try.
    case fenced
}

/// A look at a session, for a job whose first save opens it.
struct SQLLook: Sendable {
    let session: SessionID
    let job: JobID
    let now: Timestamp
}

/// The opening of a session by an owner, for a job.
struct SQLOpening: Sendable {
    let session: SessionID
    let job: JobID
    let owner: String
    let now: Timestamp
}

/// A save in the values of its statements, which the caller's task makes ready: the connection's thread has enough to do. (A class, because
/// writes are sorted and sorted out, and what it holds would be counted each time.)
final class SQLSave: Sendable {
    let session: SessionID
    /// Whether it makes the session's row.
    let createsSession: Bool
    /// Of ``SQLSaving/advance(_:)``; of ``SQLTables/sessionColumns`` where it makes the row.
    let record: [SQLValue]
    /// How many values the first of the two has.
    static let advanceCount = 11
    /// Of ``SQLTables/checkpointColumns``; `nil` when only the job's record changes.
    let checkpoint: [SQLValue]?
    /// Of ``SQLTables/jobColumns``; `nil` when the job's record stays as it is.
    let job: [SQLValue]?

    /// ``record`` in the order of ``SQLSaving/advance(_:)``, with NULLs for what was seen where it makes the row.
    var advance: [SQLValue] {
        guard createsSession else { return record }
        let (fence, standing) = (record[0..<4], record[4..<8])
        return [fence[3]] + standing + [fence[1], fence[2], fence[0], .null, .null, .null]
    }

    init(_ save: Save) {
        session = save.session
        var moments = SQLMoments()
        createsSession = save.createsSession
        let id = SQLValue.text(session.text)
        let head = SQLValue.integer(Int64(save.checkpoint?.step ?? save.seen))
        let fence: [SQLValue] = [.integer(save.epochAfter), .text(save.ownerAfter)]
        let moment = save.moment.map { moments.value($0) } ?? .null
        let standing: [SQLValue] = [
            .text(save.flow), .integer(Int64(save.version)), .text(save.status.rawValue), moment,
        ]
        record =
            createsSession
            ? [id] + fence + [head] + standing + [moment]
            : [head] + standing + fence + [
                id, .integer(save.epoch), .text(save.owner), .integer(Int64(save.seen)),
            ]
        checkpoint = save.checkpoint?.sqlValues(&moments)
        job = save.job?.sqlValues(&moments)
    }
}
