import PenstockCheckpointers
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

/// A Redis that makes room for new keys by throwing others away.
@Suite(.timeLimit(.minutes(1))) struct EvictionTests {
    @Test(arguments: ["allkeys-lru", "volatile-ttl", "noeviction"])
    func `a worker warns at its start of a Redis that may throw jobs away`(_ policy: String) async throws {
        let redis = try await TestRedis.start(options: ["--maxmemory-policy", policy])
        let lines = Ledger()
        let settings = PoolSettings()
        let pool = WorkerPool(
            flows: [line()], store: MemoryCheckpointer(), redis: redis.address, keys: QueueKeys(),
            settings: settings, version: "test",
            log: Log(to: LogSink(level: .info, format: .text) { lines.note($0) }))
        let isReady = Signal()
        let running = Task { await pool.run { isReady.send() } }
        try await isReady.wait()
        let warnings = lines.all.filter { $0.contains("set maxmemory-policy to noeviction") }
        #expect(warnings.count == (policy == "noeviction" ? 0 : 1))
        #expect(warnings.allSatisfy { $0.contains(policy) && $0.contains("jobs may be lost") })
        pool.drain()
        await running.value
    }

    @Test func `where the server may not be asked the worker starts all the same`() async throws {
        let redis = try await TestRedis.start(
            options: [
                "--maxmemory-policy", "allkeys-lru", "--user", "ada", "on", ">pw", "~*", "+@all", "-info",
            ]
                + ["-config"], user: "ada", password: "pw")
        let bench = try await TestBench.make(redis: redis.address)
        let pool = try await bench.start([line()])
        await pool.drain()
    }
}
