import Synchronization

/// The answer to a command that was sent without waiting for it: for one task to wait for later, or for none.
package final class RedisAnswer: Sendable {
    private typealias Outcome = Result<RedisReply, RedisError>

    private enum Standing {
        case outstanding
        case awaited(CheckedContinuation<Outcome, Never>)
        case arrived(Outcome)
    }

    private let standing = Mutex(Standing.outstanding)

    /// Waits for it.
    ///
    /// - Throws: ``RedisError``; each case tells whether the command may have taken effect.
    package func value() async throws(RedisError) -> RedisReply {
        try await withCheckedContinuation { continuation in
            let outcome: Outcome? = standing.withLock { standing in
                if case .arrived(let outcome) = standing { return outcome }
                standing = .awaited(continuation)
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) }
        }.get()
    }

    func arrive(_ outcome: Result<RedisReply, RedisError>) {
        let waiter: CheckedContinuation<Outcome, Never>? = standing.withLock { standing in
            defer { standing = .arrived(outcome) }
            if case .awaited(let waiter) = standing { return waiter }
            return nil
        }
        waiter?.resume(returning: outcome)
    }
}
