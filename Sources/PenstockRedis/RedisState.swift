import Synchronization

/// Whether a client has a connection now.
package enum RedisState: Hashable, Sendable {
    /// Connected for the `generation`th time. What was asked of the connection before may or may not have been done.
    case connected(generation: Int)
    case lost(reason: String)
}

/// Tells everyone who watches how the connection stands.
final class RedisStates: Sendable {
    private struct Watch {
        var current = RedisState.lost(reason: "not connected yet")
        var generation = 0
        var watchers: [Int: AsyncStream<RedisState>.Continuation] = [:]
        var nextWatcher = 0
        var isClosed = false

        mutating func tell(_ state: RedisState) {
            current = state
            for watcher in watchers.values { watcher.yield(state) }
        }
    }
    private let watch = Mutex(Watch())

    /// A watcher that falls further behind misses the oldest; the generation tells.
    private static let backlog = 16

    var current: RedisState { watch.withLock { $0.current } }

    func connected() {
        watch.withLock { watch in
            watch.generation += 1
            watch.tell(.connected(generation: watch.generation))
        }
    }

    func publish(_ state: RedisState) {
        watch.withLock { $0.tell(state) }
    }

    /// The present state, and then every change.
    func stream() -> AsyncStream<RedisState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: RedisState.self, bufferingPolicy: .bufferingNewest(Self.backlog))
        let watcher: Int? = watch.withLock { watch in
            continuation.yield(watch.current)
            guard !watch.isClosed else { return nil }
            watch.nextWatcher += 1
            watch.watchers[watch.nextWatcher] = continuation
            return watch.nextWatcher
        }
        guard let watcher else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.forget(watcher) }
        return stream
    }

    func close() {
        let watchers = watch.withLock { watch in
            watch.isClosed = true
            watch.tell(.lost(reason: "the client was closed"))
            defer { watch.watchers = [:] }
            return Array(watch.watchers.values)
        }
        // Not under the lock: finishing calls `forget`.
        for watcher in watchers { watcher.finish() }
    }

    private func forget(_ watcher: Int) {
        watch.withLock { _ = $0.watchers.removeValue(forKey: watcher) }
    }
}
