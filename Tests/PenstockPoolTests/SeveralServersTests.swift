import PenstockCheckpointers
import PenstockEngine
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

/// Workers whose Redis becomes another one while they work.
@Suite(.timeLimit(.minutes(5))) struct SeveralServersTests {
    private let jobs = (0..<60).map { "j\($0)" }
    private let ledger = Ledger()

    private var flow: any RunnableFlow {
        line { [ledger] context in ledger.note(context.idempotencyKey) }
    }

    private func bench(_ redis: RedisAddress, prefix: String) -> TestBench {
        TestBench(
            redis: redis, client: RedisClient(redis), keys: QueueKeys(prefix: prefix),
            store: RedisCheckpointer(RedisClient(redis), prefix: prefix + "store:"))
    }

    private func push(to bench: TestBench) async throws {
        for job in jobs {
            try await bench.push(#"{"flow":"line","session_id":"s-\#(job)","id":"\#(job)"}"#)
        }
    }

    private func waitForAll(_ bench: TestBench) async throws {
        try await bench.until("every job is done") {
            do {
                for job in jobs where try await bench.job(job)["status"] != "done" { return false }
                return true
            } catch is RedisError {
                // Away for a moment.
                return false
            }
        }
    }

    private func check(_ bench: TestBench) async throws {
        #expect(try await bench.unfinished() == 0)
        #expect(try await bench.deadNames() == [])
        for job in jobs {
            let path = try await bench.path(of: SessionID(checking: "s-\(job)"))
            #expect(path == ["a", "b", "c"], "\(job)")
        }
    }

    @Test(arguments: [false, true])
    func `jobs that a replica has are done after a failover, by the same worker`(_ isKilled: Bool)
        async throws
    {
        let sentinels = try await TestSentinels.start()
        let bench = bench(try sentinels.address(), prefix: TestRedis.prefix())
        try await push(to: bench)
        // Replication does not wait for anybody: what the replica has not got is lost with the master.
        #expect(try await bench.client.send(RedisCommand("WAIT", 1, 9_000)) == .integer(1))
        let pool = try await bench.start([flow]) { $0.slots = 2 }
        try await bench.until("some nodes have run") { ledger.all.count > 20 }
        if isKilled {
            sentinels.first.kill()
            try await sentinels.awaitSecond()
        } else {
            try await sentinels.failOver()
        }
        try await waitForAll(bench)
        await pool.drain()
        try await check(bench)
        let role = try await bench.client.send(RedisCommand("CONFIG", "GET", "port"))
        #expect(role.asArray?.last?.asInt == Int(sentinels.secondPort))
    }

    @Test func `jobs are done while their slot of a cluster is moved there and back`() async throws {
        let cluster = try await TestCluster.start()
        let prefix = TestCluster.prefix()
        let bench = bench(try cluster.address(prefix: prefix), prefix: prefix)
        try await push(to: bench)
        let pool = try await bench.start([flow]) { $0.slots = 2 }
        try await bench.until("some nodes have run") { ledger.all.count > 20 }
        try await cluster.move(prefix)
        let before = ledger.all.count
        try await bench.until("more nodes have run") {
            ledger.all.count > min(before + 20, jobs.count * 3 - 1)
        }
        try await cluster.move(prefix, from: 1, to: 0)
        try await waitForAll(bench)
        await pool.drain()
        try await check(bench)
    }
}
