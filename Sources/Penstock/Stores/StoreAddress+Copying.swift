import FoundationEssentials
package import PenstockCheckpointers
package import PenstockModel
import PenstockQueue
import PenstockRedis

extension StoreAddress {
    /// Opens the store to be copied from: nothing is made there, nor changed, and what llmfy 0.11 wrote is read too.
    package func openToCopyFrom(with settings: StoreSettings) async throws(CheckpointerError)
        -> any CopySource
    {
        switch self {
        case .memory:
            throw .refused(reason: "memory: lives and ends within its process, so there is nothing to copy")
        case .sqlite(let path):
            guard FileManager.default.fileExists(atPath: path) else {
                throw .refused(reason: "there is no file \(path)")
            }
            return try await CopySources.sqlite(path: path, tablePrefix: settings.tablePrefix)
        case .postgres(let address):
            return try await CopySources.postgres(address, tablePrefix: settings.tablePrefix)
        case .mysql(let address):
            return try await CopySources.mysql(address, tablePrefix: settings.tablePrefix)
        case .redis(let address):
            let client = RedisClient(
                try address.serving(store: settings.keyPrefix),
                settings: RedisSettings(clientName: "penstock-copy"))
            return CopySources.redis(client, prefix: settings.keyPrefix)
        }
    }

    /// Opens the store to be copied into. States are taken as they come, compressed or not.
    package func openToCopyInto(with settings: StoreSettings) async throws(CheckpointerError)
        -> any CopyTarget
    {
        let store = try await openPlain(with: settings, queue: QueueSettings())
        guard case .memory = self else {
            if let store = store as? any CopyTarget { return store }
            await store.close()
            throw .refused(reason: "a store at \(self) cannot be copied into")
        }
        await store.close()
        throw .refused(reason: "memory: ends with its process, and all that was copied with it")
    }

    /// Whether both are one store, as far as their addresses tell.
    package func isSame(as other: StoreAddress, _ own: StoreSettings, _ others: StoreSettings) -> Bool {
        switch (self, other) {
        case (.redis, .redis): self == other && own.keyPrefix == others.keyPrefix
        case (.sqlite(let path), .sqlite(let otherPath)):
            Self.file(path) == Self.file(otherPath) && own.tablePrefix == others.tablePrefix
        default: self == other && own.tablePrefix == others.tablePrefix
        }
    }

    private static func file(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path()
    }

    /// The address for people of other folders too.
    var placed: String {
        if case .sqlite(let path) = self { "sqlite:" + Self.file(path) } else { "\(self)" }
    }
}
