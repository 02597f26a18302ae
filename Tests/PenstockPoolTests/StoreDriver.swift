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
    typealias Use = @Sendable (any Checkpointer, StoreTraces?) async throws -> Void

    let name: String
    /// Whether a claim sees that the store holds nothing.
    var isTraced = false
    /// Opens a store that nobody else uses, and closes it behind `use`, which is told what it leaves in the queue's Redis.
    private let open: @Sendable (_ use: Use) async throws -> Void

    var testDescription: String { name }

    func withStore(_ use: @Sendable (any Checkpointer) async throws -> Void) async throws {
        try await open { store, _ in try await use(store) }
    }

    /// Makes a queue and a store of a test's own.
    func withBench(_ use: @Sendable (TestBench) async throws -> Void) async throws {
        try await open { store, traces in try await use(TestBench.make(store: store, traces: traces)) }
    }

    static let memory = StoreDriver(name: "memory") { use in try await use(MemoryCheckpointer(), nil) }
    static let redis = StoreDriver(name: "redis") { use in
        try await withRedis { store, _ in try await use(store, nil) }
    }
    /// As workers have it when it stands in the queue's Redis.
    static let tracedRedis = StoreDriver(name: "redis beside the queue", isTraced: true, open: withRedis)
    static let sqlite = StoreDriver(name: "sqlite") { use in
        let folder = FileManager.default.temporaryDirectory.path + "/penstock-pool-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try await SQLCheckpointer.sqlite(path: folder + "/store.db")
        try await use(store, nil)
        await store.close()
    }
    static let postgres = StoreDriver(name: "postgres") { use in
        let store = try await SQLCheckpointer.postgres(PostgresAddress(await TestPostgres.shared.schema()))
        try await use(store, nil)
        await store.close()
    }
    /// Or MySQL's own server, see ``TestMySQL``.
    static let mariadb = StoreDriver(name: TestMySQL.product) { use in
        let database = try await TestMySQL.shared.makeDatabase()
        let store = try await SQLCheckpointer.mysql(MySQLAddress(database.url))
        try await use(store, nil)
        await store.close()
    }

    static let every = [memory, redis, tracedRedis, sqlite, postgres, mariadb]
    /// Of the tests of MySQL's own server that server alone.
    static let all = TestMySQL.isMySQL ? [mariadb] : every

    private static func withRedis(_ use: Use) async throws {
        let prefix = TestRedis.prefix()
        let store = RedisCheckpointer(RedisClient(try await TestRedis.shared.address), prefix: prefix)
        try await use(store, RedisCheckpointer.traces(prefix: prefix))
        await store.close()
    }
}
