import PenstockModel

/// How long a store that gives no answer is asked again.
struct Insistence: Sendable {
    /// Given up after that time; never for `nil`.
    let patience: Duration?
    /// The waits in between; its number of attempts is of no account.
    var backoff = RetryPolicy.untilAnswered
    let log: Log

    /// Asks until there is an answer, or it is given up, or the task is cancelled.
    ///
    /// Between two tries `isWanted` may end it as ``SaveFailure/cancelled``.
    func ask<Answer>(
        while isWanted: () -> Bool = { true }, _ question: () async throws(CheckpointerError) -> Answer
    ) async throws(SaveFailure) -> Answer {
        let deadline = patience.map { ContinuousClock.now + $0 }
        var failures = 0
        while true {
            do throws(CheckpointerError) {
                return try await question()
            } catch {
                switch error {
                case .unavailable(let reason):
                    if failures == 0 {
                        log.warning("store gives no answer, asking again", ["reason": reason])
                    }
                // Whoever asks for ever has nobody to tell, and the job is not to blame.
                case .refused(let reason) where patience == nil:
                    if failures == 0 { log.error("store takes nothing, asking again", ["reason": reason]) }
                default: throw SaveFailure(error)
                }
                if Task.isCancelled || !isWanted() { throw .cancelled }
                if let deadline, ContinuousClock.now >= deadline { throw .store(error.description) }
            }
            failures += 1
            do { try await Task.sleep(for: backoff.delay(beforeRetry: failures)) } catch { throw .cancelled }
        }
    }
}

extension SaveFailure {
    fileprivate init(_ error: CheckpointerError) {
        switch error {
        case .fenced: self = .fenced
        case .refused, .unfit, .unreadable, .unavailable: self = .store(error.description)
        }
    }
}
