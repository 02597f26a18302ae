import Synchronization

/// A command with the one who waits for its reply.
struct RedisRequest: Sendable {
    let command: RedisCommand
    let waiter: Waiter
    let limit: Duration
    /// How long to wait for a connection first.
    let patience: Duration
    /// How often it was turned away because its slot had moved.
    var moves = 0

    enum Waiter: Sendable {
        // Unsafe continuations, because the checked ones cost an allocation for each command. Resumed exactly once: each
        // waiter is in one place at a time (inbox, waiting, outstanding) and is resumed by who takes it out.
        case one(UnsafeContinuation<Result<RedisReply, RedisError>, Never>)
        case part(of: RedisBatch, at: Int)
        case later(RedisAnswer)
        case interruptible(UnsafeContinuation<Result<RedisReply, RedisError>, Never>, RedisInterruption)
        /// The line's own, on the way to an open connection.
        case greeting(RedisGreeting)

        func resume(_ result: Result<RedisReply, RedisError>) {
            switch self {
            case .one(let continuation), .interruptible(let continuation, _):
                continuation.resume(returning: result)
            case .part(let batch, let index): batch.resume(index, result)
            case .later(let answer): answer.arrive(result)
            case .greeting: break
            }
        }

        /// Whether the command may be one that blocks on the server.
        var mayBlock: Bool {
            if case .interruptible = self { true } else { false }
        }

        var isInterrupted: Bool {
            if case .interruptible(_, let interruption) = self { interruption.isRaised } else { false }
        }
    }
}

/// Raised when the task that waits for a command is cancelled.
final class RedisInterruption: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }
    func raise() { raised.store(true, ordering: .releasing) }
}

/// The replies of commands that were sent together, answered when the last one is there.
///
/// `@unchecked`: made by the caller, then touched on the loop's thread only.
final class RedisBatch: @unchecked Sendable {
    private var results: [Result<RedisReply, RedisError>?]
    private var missing: Int
    private let continuation: UnsafeContinuation<[Result<RedisReply, RedisError>], Never>

    init(count: Int, _ continuation: UnsafeContinuation<[Result<RedisReply, RedisError>], Never>) {
        results = Array(repeating: nil, count: count)
        missing = count
        self.continuation = continuation
    }

    func resume(_ index: Int, _ result: Result<RedisReply, RedisError>) {
        results[index] = result
        missing -= 1
        if missing == 0 { continuation.resume(returning: results.compactMap { $0 }) }
    }
}
