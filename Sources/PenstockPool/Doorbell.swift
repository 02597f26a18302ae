import Synchronization

/// Wakes the claim loop. A ring while nobody waits is kept for the next who does.
final class Doorbell: Sendable {
    /// Why it rang.
    enum Ring: Sendable {
        /// A queue may have a job.
        case element
        /// Nothing came for a while, or the wait could not be made: look for yourself.
        case lull
    }

    private struct State {
        var kept: Ring?
        var waiter: CheckedContinuation<Ring, Never>?
    }

    private let state = Mutex(State())

    func ring(_ ring: Ring) {
        let waiter = state.withLock { state -> CheckedContinuation<Ring, Never>? in
            guard let waiter = state.waiter else {
                if state.kept != .element { state.kept = ring }
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: ring)
    }

    /// Waits for the next ring. For one waiter at a time.
    func wait() async -> Ring {
        await withCheckedContinuation { continuation in
            let kept = state.withLock { state -> Ring? in
                if let kept = state.kept {
                    state.kept = nil
                    return kept
                }
                state.waiter = continuation
                return nil
            }
            if let kept { continuation.resume(returning: kept) }
        }
    }
}
