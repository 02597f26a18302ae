import PenstockCheckpointers
package import PenstockExecutors
public import PenstockModel
package import PenstockQueue
package import PenstockRedis
import PenstockSQLite

/// The stores that an engine can be given.
///
/// ```swift
/// let store = try await Checkpointers.open("sqlite:orders.db")
/// let engine = try FlowEngine(order, checkpointer: store)
/// ```
public enum Checkpointers {
    /// A store in the memory of this process, gone with it.
    public static func memory() -> any Checkpointer { MemoryCheckpointer() }

    /// Opens the store that a text names: `memory:`, `sqlite:PATH`, `postgres://USER:PASSWORD@HOST:PORT/DB`,
    /// `mysql://USER:PASSWORD@HOST:PORT/DB`, `redis://HOST:PORT/DB`, `redis+unix:///PATH`,
    /// `redis+sentinel://HOST:PORT,HOST:PORT/MASTER/DB` or `redis+cluster://HOST:PORT,HOST:PORT`.
    ///
    /// A SQLite file and the tables are made where they are missing. A Redis is reached with the first call, and anew
    /// whenever the connection is lost.
    ///
    /// - Parameters:
    ///   - url: Which store.
    ///   - tablePrefix: In front of the names of SQL tables; `llmfy_` shares llmfy's.
    ///   - keyPrefix: In front of the keys in Redis; `llmfy_checkpoint:` shares llmfy's. In a cluster it holds a hash tag:
    ///     `{penstock}:checkpoint:`.
    /// - Returns: The store; close it when it is no longer needed.
    /// - Throws: ``StoreAddressError`` when the text names none, ``CheckpointerError`` when the file or the database cannot be opened.
    public static func open(
        _ url: String, tablePrefix: String = "penstock_", keyPrefix: String = "penstock:checkpoint:"
    ) async throws -> any Checkpointer {
        var settings = StoreSettings()
        settings.tablePrefix = tablePrefix
        settings.keyPrefix = keyPrefix
        return try await StoreAddress(url).open(with: settings, queue: QueueSettings())
    }
}

extension StoreAddress {
    /// Opens the store, which keeps a job's record at least as long as the queue does. The loop waits for it, where it
    /// stands on a server.
    package func open(
        with settings: StoreSettings, queue: QueueSettings, on loop: SocketLoop = SocketLoop()
    ) async throws(CheckpointerError) -> any Checkpointer {
        CompressingCheckpointer(
            in: try await openPlain(with: settings, queue: queue, on: loop), from: settings.compressedFrom)
    }

    /// What the store leaves in the queue's Redis; `nil` where it stands in another, or in a cluster, whose scripts keep to one slot.
    package func traces(in queue: RedisAddress, with settings: StoreSettings) -> StoreTraces? {
        guard self == .redis(queue), !queue.isCluster else { return nil }
        return RedisCheckpointer.traces(prefix: settings.keyPrefix)
    }

    /// Opens the store as it is, uncompressed. A Redis is waited for as long as `patience` says, for each call.
    func openPlain(
        with settings: StoreSettings, queue: QueueSettings, on loop: SocketLoop = SocketLoop(),
        patience: Duration = .seconds(10)
    ) async throws(CheckpointerError) -> any ReplicaStore {
        switch self {
        case .memory:
            return MemoryCheckpointer()
        case .sqlite(let path):
            return try await SQLCheckpointer.sqlite(
                path: path, tablePrefix: settings.tablePrefix,
                options: SQLiteOptions(synchronous: settings.synchronous))
        case .postgres(let address):
            return try await SQLCheckpointer.postgres(address, tablePrefix: settings.tablePrefix, on: loop)
        case .mysql(let address):
            return try await SQLCheckpointer.mysql(address, tablePrefix: settings.tablePrefix, on: loop)
        case .redis(let address):
            return RedisCheckpointer(
                RedisClient(
                    try address.serving(store: settings.keyPrefix),
                    settings: RedisSettings(clientName: "penstock-store", commandLimit: patience), on: loop),
                prefix: settings.keyPrefix,
                lifetimes: RedisCheckpointer.Lifetimes(
                    session: settings.life, endedJob: queue.recordLife,
                    unendedJob: queue.unendedRecordLife))
        }
    }
}
