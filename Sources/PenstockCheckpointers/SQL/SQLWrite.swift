import PenstockModel
import PenstockSQL

/// A write that is made together with those of other sessions.
enum SQLWrite: Sendable {
    case open(SQLOpening)
    case save(SQLSave)

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
    /// Of ``SQLStatements/advance``.
    let advance: [SQLValue]
    /// Of ``SQLStatements/insertCheckpoint``; `nil` when only the job's record changes.
    let checkpoint: [SQLValue]?
    /// Of ``SQLStatements/holdsCheckpoint``.
    let checkpointID: [SQLValue]
    /// Of ``SQLStatements/updateJob`` and ``SQLStatements/insertJob``.
    let job: [SQLValue]

    init(_ save: Save) {
        session = save.session
        advance = [
            .integer(Int64(save.checkpoint?.step ?? save.seen)), .text(save.flow),
            .integer(Int64(save.version)), .text(save.status.rawValue), .moment(save.job.updated),
            .text(save.session.text), .integer(save.epoch), .text(save.owner), .integer(Int64(save.seen)),
        ]
        checkpoint = save.checkpoint?.sqlValues
        checkpointID = [.optional(save.checkpoint?.id.text), .text(save.session.text)]
        job = save.job.sqlValues
    }
}
