import PenstockPool
import Synchronization

/// How a worker is told to leave, from its first moment on: before it has a pool, and while it has one.
final class Reins: Sendable {
    private struct State {
        var pulls = 0
        var pool: WorkerPool?
    }

    private let state = Mutex(State())

    /// Whether it was told to leave.
    var isPulled: Bool { state.withLock { $0.pulls > 0 } }

    /// Whether it was told to stop at once.
    var isPulledTwice: Bool { state.withLock { $0.pulls > 1 } }

    /// The first time lets what runs come to a checkpoint, the second stops it.
    func pull() {
        let (pulls, pool) = state.withLock { state in
            state.pulls += 1
            return (state.pulls, state.pool)
        }
        pulls == 1 ? pool?.drain() : pool?.halt()
    }

    /// Takes charge of the pool; one that comes too late is drained at once.
    func take(_ pool: WorkerPool) {
        let pulls = state.withLock { state in
            state.pool = pool
            return state.pulls
        }
        if pulls > 0 { pool.drain() }
        if pulls > 1 { pool.halt() }
    }
}
