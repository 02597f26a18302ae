import PenstockJSON
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
        let (bench, warnings) = try await benchAndWarnings(on: redis)
        let pool = try await bench.start([line()]) { $0 = PoolSettings() }
        #expect(warnings.all.count == (policy == "noeviction" ? 0 : 1))
        #expect(warnings.all.allSatisfy { $0.contains(policy) && $0.contains("jobs may be lost") })
        await pool.drain()
    }

    @Test func `where the server may not be asked the worker works all the same, without a warning`()
        async throws
    {
        let redis = try await TestRedis.start(
            options: [
                "--maxmemory-policy", "allkeys-lru", "--user", "ada", "on", ">pw", "~*", "+@all", "-info",
            ]
                + ["-config"], user: "ada", password: "pw")
        let (bench, warnings) = try await benchAndWarnings(on: redis)
        try await bench.push(#"{"flow":"line","id":"j"}"#)
        let pool = try await bench.start([line()]) { $0 = PoolSettings() }
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        await pool.drain()
        #expect(warnings.all == [])
    }

    /// What its workers write of what is not as it should be stands in `warnings`.
    private func benchAndWarnings(on redis: TestRedis) async throws -> (TestBench, warnings: Ledger) {
        let warnings = Ledger()
        var bench = try await TestBench.make(redis: redis.address)
        bench.log = Log(to: LogSink(level: .warning, format: .text) { warnings.note($0) })
        return (bench, warnings)
    }
}
