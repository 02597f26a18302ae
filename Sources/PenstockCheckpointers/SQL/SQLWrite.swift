import PenstockModel
import PenstockSQL

/// A write that is made together with those of other sessions.
enum SQLWrite: Sendable {
    case open(SessionID, for: JobID, as: String, at: Timestamp)
    case save(Save)

    var session: SessionID {
        switch self {
        case .open(let session, _, _, _): session
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
