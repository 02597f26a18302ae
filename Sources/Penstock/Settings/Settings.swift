package import PenstockCheckpointers
package import PenstockExecutors
package import PenstockModel
package import PenstockPool
package import PenstockQueue
package import PenstockRedis

/// Everything that can be set, as values.
package struct Settings: Sendable {
    package var redis = RedisAddress(place: .tcp(host: "127.0.0.1", port: 6379))
    package var prefix = QueueKeys.defaultPrefix
    /// `nil` for that same Redis.
    package var storeURL: StoreAddress?
    /// The second store of a replicated pair; `nil` for none.
    package var secondaryURL: StoreAddress?
    package var pair = PairSettings()
    package var store = StoreSettings()
    /// The folder with declared flows.
    package var flows: String?
    /// The file with cron entries.
    package var cron: String?
    package var pool = PoolSettings()
    package var logLevel = Log.Level.info
    package var logForm = LogForm.auto

    package enum LogForm: String, Sendable, CaseIterable {
        /// Text on a terminal, JSON otherwise.
        case auto
        case text
        case json
    }

    package init() {}

    package var keys: QueueKeys { QueueKeys(prefix: prefix) }
    package var queue: QueueSettings { pool.queue }
    package var storeAddress: StoreAddress { storeURL ?? .redis(redis) }
    /// What the store leaves in the queue's Redis. Of a pair it takes more to know what is stored.
    package var traces: StoreTraces? {
        secondaryURL == nil ? storeAddress.traces(in: redis, with: store) : nil
    }

    /// Opens the store, or both of a pair, which are reached with the first call.
    ///
    /// A pair is looked after only where `isKept` says so, as workers do. The loop serves a store that is alone and stands on
    /// a server.
    package func openStore(
        isKept: Bool = false, log: Log = .silent, on loop: SocketLoop = SocketLoop()
    ) async throws(CheckpointerError) -> any Checkpointer {
        guard let pair = try openPair(isKept: isKept, log: log) else {
            return CompressingCheckpointer(in: try await openAlone(on: loop), from: store.compressedFrom)
        }
        return CompressingCheckpointer(in: pair, from: store.compressedFrom)
    }

    /// Which store it is, or which two, for people.
    var storeText: String {
        ([storeAddress] + [secondaryURL].compactMap(\.self)).map { $0.placed }.joined(separator: " + ")
    }
}
