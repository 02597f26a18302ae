import PenstockModel
import PenstockSQL

/// A write that is made together with those of other sessions.
enum SQLWrite: Sendable {
    case open(SQLOpening)
    case save(SQLSave)

    /// Whether it must not be lost with the host. An opening may: until something is saved nothing hangs on it, and whoever opens
    /// after it names another token.
    var isDurable: Bool {
        switch self {
        case .open: false
        case .save: true
        }
    }

    var session: SessionID {
        switch self {
        case .open(let opening): opening.session
        case .save(let save): save.session
        }
    }
}

/// What became of a ``SQLWrite`` once its transaction was committed.
enum SQLOutcome: Sendable {
    case opened(OpenedSession)
    case saved
    /// Nothing can be said of it yet, and it may be made once more: alone.
    case unsettled
    /// The session was not the writer's: another has opened it since, or this save was made at an earlier try.
    case fenced
}

/// The opening of a session by an owner, for a job.
struct SQLOpening: Sendable {
    let session: SessionID
    let job: JobID
    let owner: String
    let now: Timestamp
}

/// A save in the values of its statements, which the caller's task makes ready: the connection's thread has enough to do.
struct SQLSave: Sendable {
    let session: SessionID
    /// Of ``SQLSaving/advance(_:)``.
    let advance: [SQLValue]
    /// How many values that has.
    static let advanceCount = 9
    /// Of ``SQLTables/checkpointColumns``; `nil` when only the job's record changes.
    let checkpoint: [SQLValue]?
    /// Of ``SQLTables/jobColumns``; `nil` when the job's record stays as it is.
    let job: [SQLValue]?

    init(_ save: Save) {
        session = save.session
        var moments = SQLMoments()
        advance = [
            .integer(Int64(save.checkpoint?.step ?? save.seen)), .text(save.flow),
            .integer(Int64(save.version)), .text(save.status.rawValue),
            save.moment.map { moments.value($0) } ?? .null,
            .text(save.session.text), .integer(save.epoch), .text(save.owner), .integer(Int64(save.seen)),
        ]
        checkpoint = save.checkpoint?.sqlValues(&moments)
        job = save.job?.sqlValues(&moments)
    }
}
