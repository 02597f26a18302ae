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
    package var store = StoreSettings()
    /// The folder with declared flows.
    package var flows: String?
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

    /// Opens the store; one in Redis is reached with the first call.
    package func openStore() async throws(CheckpointerError) -> any Checkpointer {
        try await storeAddress.open(with: store, queue: queue)
    }
}
