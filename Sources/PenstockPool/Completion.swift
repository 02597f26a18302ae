import PenstockModel
import PenstockQueue
import PenstockRedis

/// The call that ends a claim: sent to the queue, or made in the step of the job's last save.
struct Completion: Sendable {
    let call: QueueCall<Settled>
    /// When it was asked for first: what it locks is locked at least from then on.
    let asked: ContinuousClock.Instant
    /// The save that the store was asked to make it with.
    var errand: SaveErrand?

    /// What the store was answered, if it has made the call.
    var answer: Settled? {
        guard case .answered(let told)? = errand?.outcome, let reply = told as? RedisReply else { return nil }
        // A reply that cannot be read is asked for once more: then the error is told.
        return try? call.answer(from: reply)
    }
}
