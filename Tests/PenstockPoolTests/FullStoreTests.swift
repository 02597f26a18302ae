import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import PenstockPostgres
import PenstockRedis
import PenstockTesting
import Testing

/// Stores that can be read and take no writes, for all jobs alike.
@Suite(.timeLimit(.minutes(1))) struct FullStoreTests {
    @Test func `no job pays for a Redis without memory, and all go on when it has some`() async throws {
        let redis = try await TestRedis.start()
        let admin = RedisClient(redis.address)
        let bench = try await TestBench.make(store: RedisCheckpointer(RedisClient(redis.address)))
        for number in 1...20 { try await bench.push(#"{"flow":"line","id":"j\#(number)"}"#) }
        _ = try await admin.send(RedisCommand("CONFIG", "SET", "maxmemory", 1))
        let pool = try await bench.start([line()])
        try await bench.until("the store has refused some") {
            try await admin.send(RedisCommand("INFO", "errorstats")).asString?.contains("errorstat_OOM")
                == true
        }
        #expect(try await bench.deadNames().isEmpty)
        _ = try await admin.send(RedisCommand("CONFIG", "SET", "maxmemory", 0))
        for number in 1...20 {
            #expect(try await bench.end(of: "j\(number)")["status"]?.string == "done")
            #expect(try await bench.job("j\(number)")["attempts"] == nil)
        }
        await pool.drain()
    }

    @Test func `no job pays for a PostgreSQL that has become a replica`() async throws {
        let postgres = try await TestPostgres.start()
        let store = try await SQLCheckpointer.postgres(PostgresAddress(postgres.url))
        let bench = try await TestBench.make(store: store)
        let pool = try await bench.start([line()])
        try await bench.push(#"{"flow":"line","id":"before"}"#)
        #expect(try await bench.end(of: "before")["status"]?.string == "done")
        func turn(readOnly: Bool) async throws {
            // For the sessions that are there too.
            try await postgres.run(
                "ALTER SYSTEM SET default_transaction_read_only = \(readOnly ? "on" : "off")")
            try await postgres.run("SELECT pg_reload_conf()")
        }
        try await turn(readOnly: true)
        for number in 1...5 { try await bench.push(#"{"flow":"line","id":"j\#(number)"}"#) }
        try await bench.until("the jobs run") { try await bench.job("j5")["status"] == "running" }
        try await turn(readOnly: false)
        for number in 1...5 {
            #expect(try await bench.end(of: "j\(number)")["status"]?.string == "done")
            #expect(try await bench.job("j\(number)")["attempts"] == nil)
        }
        await pool.drain()
        await store.close()
    }
}
