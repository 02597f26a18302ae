/// Why a checkpointer did not do what it was asked.
public enum CheckpointerError: Error, Hashable, Sendable {
    /// The store gave no answer. Whether the write took effect is unknown; the same write may be asked for again.
    case unavailable(reason: String)
    /// Another has opened the session since: this writer must stop, and settle nothing. Nothing was written.
    case fenced(session: SessionID, epoch: Int64)
    /// What is stored cannot be read. Nothing was changed.
    case unreadable(what: String, reason: String)
    /// The store takes nothing of the kind until somebody changes something about it: its disk is full, it may only be read, the
    /// password or a setting is wrong. Nothing was written; the same may be asked for again.
    case refused(reason: String)
    /// The store will not take this one, whoever asks: it is too large, or its id is another's. Nothing was written; asking again is of no
    /// use.
    case unfit(reason: String)
}

extension CheckpointerError: CustomStringConvertible {
    /// A sentence for people.
    public var description: String {
        switch self {
        case .unavailable(let reason): "the store gave no answer: \(reason)"
        case .fenced(let session, let epoch):
            "session \(session) was opened by another since epoch \(epoch): this writer has to stop"
        case .unreadable(let what, let reason): "\(what) cannot be read: \(reason)"
        case .refused(let reason): "the store refused: \(reason)"
        case .unfit(let reason): "the store cannot take this: \(reason)"
        }
    }
}
