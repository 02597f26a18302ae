import PenstockModel
import PenstockQueue
import PenstockRedis

/// The call that ends a claim: sent to the queue, or made in the step of the job's last save.
struct Completion: Sendable {
    let settlement: Settlement
    let call: QueueCall<Settled>
    /// When it was asked for first: what it locks is locked at least from then on.
    let asked: ContinuousClock.Instant
    /// The save that the store was asked to make it with.
    var errand: SaveErrand?

    /// Whether the store was asked to make it, and has not said how that went.
    var isUnanswered: Bool { errand.map { $0.outcome == nil } ?? false }

    /// What the store was answered, if it has made the call, and when it asked.
    var answer: (settled: Settled, asked: ContinuousClock.Instant)? {
        guard case .answered(let told, let asked)? = errand?.outcome, let reply = told as? RedisReply,
            // A reply that cannot be read is asked for once more: then the error is told.
            let settled = try? call.answer(from: reply)
        else { return nil }
        return (settled, asked)
    }
}
