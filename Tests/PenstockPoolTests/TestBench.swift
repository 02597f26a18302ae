import PenstockCheckpointers
import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockTesting

/// A queue and a store of a test's own, and workers on them.
struct TestBench: Sendable {
    let redis: RedisAddress
    let client: RedisClient
    let keys: QueueKeys
    let store: any Checkpointer

    static func make(store: any Checkpointer = MemoryCheckpointer()) async throws -> TestBench {
        let redis = try await TestRedis.shared.address
        return TestBench(
            redis: redis, client: RedisClient(redis), keys: QueueKeys(prefix: TestRedis.prefix()),
            store: store)
    }

    func push(_ message: String, to queue: QueueName = "default") async throws {
        _ = try await client.send(RedisCommand("LPUSH", keys.queue(queue), message))
    }

    func pool(_ flows: [any RunnableFlow], _ change: (inout PoolSettings) -> Void = { _ in }) -> WorkerPool {
        var settings = PoolSettings()
        change(&settings)
        return WorkerPool(
            flows: flows, store: store, redis: redis, keys: keys, settings: settings, version: "test",
            log: .silent)
    }

    /// Runs all that can be run now.
    func burst(_ flows: [any RunnableFlow], _ change: (inout PoolSettings) -> Void = { _ in }) async {
        let pool = pool(flows) { settings in
            settings.isBurst = true
            change(&settings)
        }
        await pool.run()
    }

    func job(_ id: String) async throws -> [String: String] {
        let reply = try await client.send(RedisCommand("HGETALL", keys.job(id)))
        let parts = (reply.asArray ?? []).map { $0.asString ?? "" }
        return Dictionary(
            stride(from: 0, to: parts.count - 1, by: 2).map { (parts[$0], parts[$0 + 1]) }
        ) { first, _ in first }
    }

    /// Waits for the end of a job, as a producer in any language does.
    func end(of id: String) async throws -> JSON {
        let connection = RedisConnection(redis)
        let reply = try await connection.send(RedisCommand("BLPOP", keys.ended(id), 30), limit: .seconds(40))
        await connection.close()
        guard let notice = reply.asArray?.last?.asBytes else { throw NoEnd(job: id) }
        return try JSON(parsing: notice)
    }
}

struct NoEnd: Error {
    let job: String
}
