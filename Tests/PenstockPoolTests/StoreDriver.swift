import Foundation
import PenstockCheckpointers
import PenstockModel
import PenstockMySQL
import PenstockPostgres
import PenstockRedis
import PenstockTesting
import Testing

/// A kind of store, its name in the report of each test.
struct StoreDriver: Sendable, CustomTestStringConvertible {
    typealias Use = @Sendable (any Checkpointer) async throws -> Void

    let name: String
    /// Opens a store that nobody else uses, and closes it behind `use`.
    let withStore: @Sendable (_ use: Use) async throws -> Void

    var testDescription: String { name }

    /// Makes a queue and a store of a test's own.
    func withBench(_ use: @Sendable (TestBench) async throws -> Void) async throws {
        try await withStore { store in try await use(TestBench.make(store: store)) }
    }

    static let memory = StoreDriver(name: "memory") { use in try await use(MemoryCheckpointer()) }
    static let redis = StoreDriver(name: "redis") { use in
        let store = RedisCheckpointer(
            RedisClient(try await TestRedis.shared.address), prefix: TestRedis.prefix())
        try await use(store)
        await store.close()
    }
    static let sqlite = StoreDriver(name: "sqlite") { use in
        let folder = FileManager.default.temporaryDirectory.path + "/penstock-pool-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try await SQLCheckpointer.sqlite(path: folder + "/store.db")
        try await use(store)
        await store.close()
    }

    static let postgres = StoreDriver(name: "postgres") { use in
        let store = try await SQLCheckpointer.postgres(PostgresAddress(await TestPostgres.shared.schema()))
        try await use(store)
        await store.close()
    }
    static let mariadb = StoreDriver(name: "mariadb") { use in
        let database = try await TestMariaDB.shared.makeDatabase()
        let store = try await SQLCheckpointer.mysql(MySQLAddress(database.url))
        try await use(store)
        await store.close()
    }

    static let all = [memory, redis, sqlite, postgres, mariadb]
}
