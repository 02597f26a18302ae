import PenstockRedis

/// Why the queue did not do what it was asked.
package enum QueueError: Error, Hashable, Sendable {
    /// Redis gave no answer. The call may have taken effect; the same call may be repeated.
    case unavailable(reason: String)
    /// Redis refused: out of memory, read-only, a key of another type. Repeating is of use only once that is mended.
    case refused(message: String)
    /// An answer that no script of ours gives: a bug, or another program writes our keys.
    case unexpected(reply: String)

    init(_ error: RedisError) {
        switch error {
        case .unavailable(let reason), .unknownEffect(let reason): self = .unavailable(reason: reason)
        case .refused(let message): self = .refused(message: message)
        case .busy: self = .unavailable(reason: "the connection is busy")
        case .closed: self = .unavailable(reason: "the connection was closed")
        }
    }
}

extension QueueError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let reason): "Redis gave no answer: \(reason)"
        case .refused(let message): "Redis refused: \(message)"
        case .unexpected(let reply): "Redis gave an answer that was not expected: \(reply)"
        }
    }
}
