import PenstockEngine
import PenstockModel
import PenstockQueue

/// How a claim's session is taken over.
extension JobRunner {
    enum Opening: Sendable {
        /// Or looked at, if there is a token for the first save to open it with.
        case opened(OpenedSession, opening: String?)
        /// The task was cancelled, or the worker is to stop, before the store gave an answer.
        case interrupted
        /// The store answered, and asking again is of no use: a sentence.
        case failed(String)
    }

    /// Takes the session over, as often as it takes while the store gives no answer; or only looks at it, if the first save may
    /// take it over.
    func open(
        _ message: JobMessage, of claim: Claim, as owner: String, bySaving maySaveFirst: Bool, log: Log
    ) async -> Opening {
        var failures = 0
        let backoff = RetryPolicy.untilAnswered
        while !Task.isCancelled, failures == 0 || !board.isStopping {
            do {
                // A token is used once: an opening whose answer was lost is another's as far as the store can tell.
                let token = "\(owner).\(failures)"
                if maySaveFirst, claim.isUnseen {
                    return .opened(.unseen(message.session, at: settings.clock.now()), opening: token)
                }
                if maySaveFirst, let seen = try await store.look(at: message.session, for: message.id) {
                    return .opened(seen, opening: token)
                }
                return .opened(
                    try await store.open(message.session, for: message.id, as: token), opening: nil)
            } catch {
                switch error {
                case .unreadable, .unfit: return .failed(error.description)
                // What a store refuses to all is not the job's fault.
                case .unavailable, .fenced, .refused: break
                }
                if failures == 0 {
                    log.warning("the session cannot be opened, trying again", ["error": "\(error)"])
                }
                failures += 1
                do { try await Task.sleep(for: backoff.delay(beforeRetry: failures)) } catch {
                    return .interrupted
                }
            }
        }
        return .interrupted
    }
}
