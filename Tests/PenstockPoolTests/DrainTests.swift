import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

/// How a worker leaves, and what it leaves behind.
@Suite struct DrainTests {
    private let job = #"{"flow":"line","session_id":"s","id":"j"}"#

    @Test(arguments: StoreDriver.all)
    func `a drain lets the node end, and another worker goes on from its checkpoint`(_ driver: StoreDriver)
        async throws
    {
        try await driver.withBench { bench in
            let ledger = Ledger()
            let entered = Signal()
            let release = Signal()
            let flow = line { context in
                ledger.note(context.idempotencyKey)
                guard context.node == "b" else { return }
                entered.send()
                try await release.wait()
            }
            try await bench.push(job)
            try await bench.push(job.replacing("\"j\"", with: "\"k\""))
            let first = try await bench.start([flow])
            try await entered.wait()
            first.pool.drain()
            release.send()
            await first.task.value
            #expect(ledger.all == ["j:1", "j:2"])
            #expect(try await bench.path(of: "s") == ["a", "b"])
            let record = try await bench.job("j")
            #expect(record["status"] == "waiting" && record["attempts"] == nil && record["crashes"] == nil)
            #expect(try await bench.count("LLEN", bench.keys.queue("default")) == 1)
            #expect(try await bench.count("ZCARD", bench.keys.workers) == 0)
            await bench.burst([flow])
            #expect(ledger.all == ["j:1", "j:2", "j:3", "k:1", "k:2", "k:3"])
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test func `a worker that drains claims nothing more, and takes no parked job along`() async throws {
        let bench = try await TestBench.make()
        let entered = Signal()
        let release = Signal()
        let flow = line(nodes: ["a"]) { _ in
            entered.send()
            try await release.wait()
        }
        try await bench.push(job)
        let pool = try await bench.start([flow])
        try await entered.wait()
        try await bench.push(job.replacing("\"j\"", with: "\"k\""))
        try await bench.until("k is parked") { try await bench.job("k")["status"] == "parked" }
        pool.pool.drain()
        release.send()
        await pool.task.value
        #expect(try await bench.job("j")["status"] == "done")
        #expect(try await bench.job("k")["status"] == "waiting")
        #expect(try await bench.job("k")["claim"] == nil)
    }

    @Test(arguments: ["halted", "at the end of its grace"])
    func `a node that heeds its cancellation is handed back without a mark`(_ way: String) async throws {
        let bench = try await TestBench.make()
        let entered = Signal()
        let never = Signal()
        let flow = line { context in
            guard context.node == "b", !entered.isSent else { return }
            entered.send()
            try await never.wait()
        }
        try await bench.push(job)
        let pool = try await bench.start([flow]) { $0.grace = .milliseconds(100) }
        try await entered.wait()
        if way == "halted" { await pool.halt() } else { await pool.drain() }
        let record = try await bench.job("j")
        #expect(record["status"] == "waiting" && record["attempts"] == nil && record["crashes"] == nil)
        #expect(try await bench.path(of: "s") == ["a"])
        #expect(try await bench.count("ZCARD", bench.keys.workers) == 0)
        await bench.burst([flow])
        #expect(try await bench.path(of: "s") == ["a", "b", "c"])
    }

    @Test func `a node that heeds nothing is left behind, and given back by the others`() async throws {
        let bench = try await TestBench.make()
        let entered = Signal()
        let release = Signal()
        let flow = line { context in
            guard context.node == "b", !entered.isSent else { return }
            entered.send()
            await release.waitStubbornly()
        }
        try await bench.push(job)
        let stubborn = try await bench.start([flow]) { settings in
            settings.grace = .milliseconds(50)
            settings.haltPatience = .milliseconds(200)
        }
        try await entered.wait()
        await stubborn.drain()
        #expect(try await bench.job("j")["status"] == "running")
        let other = try await bench.start([flow])
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        #expect(try await bench.job("j")["crashes"] == "1")
        release.send()
        await other.drain()
        #expect(try await bench.path(of: "s") == ["a", "b", "c"])
        #expect(try await bench.unfinished() == 0)
    }

    @Test func `a worker leaves within seconds although Redis is gone`() async throws {
        let redis = try await TestRedis.start()
        let bench = try await TestBench.make(redis: redis.address)
        let entered = Signal()
        let release = Signal()
        let flow = line(nodes: ["a"]) { _ in
            entered.send()
            try await release.wait()
        }
        try await bench.push(job)
        let pool = try await bench.start([flow]) { settings in
            settings.grace = .milliseconds(100)
            settings.haltPatience = .seconds(1)
        }
        try await entered.wait()
        redis.kill()
        release.send()
        let begin = ContinuousClock.now
        await pool.drain()
        // Far less, on a machine that has nothing else to do.
        #expect(.now - begin < .seconds(30))
    }

    @Test func `a worker that never reached Redis leaves when it is told to`() async throws {
        let redis = try await TestRedis.start()
        redis.kill()
        let bench = try await TestBench.make(redis: redis.address)
        let pool = bench.pool([line()]) { $0.haltPatience = .milliseconds(500) }
        let task = Task { await pool.run() }
        let begin = ContinuousClock.now
        pool.drain()
        await task.value
        #expect(.now - begin < .seconds(20))
    }

    @Test func `a burst runs what is due, and leaves what is not`() async throws {
        let bench = try await TestBench.make()
        let mortal = try await bench.mortal()
        try await bench.push(job)
        let claimed = try await mortal.claim(from: "default", upTo: 1)
        guard case .claimed(let claims, _, _) = claimed, let claim = claims.first else {
            throw NoEnd(job: "j")
        }
        let retry = Settlement.retry(after: .milliseconds(1), error: "e", node: "a")
        _ = try await mortal.settle(mortal.calls.settle(claim, as: retry, slot: 0, next: nil))
        try await bench.push(
            #"{"flow":"line","session_id":"t","id":"late","not_before":"2100-01-01T00:00:00Z"}"#)
        try await bench.until("j is due") {
            let now = try await mortal.time().microseconds / 1000
            return Int64(try await bench.job("j")["due"] ?? "") ?? .max < now
        }
        await bench.burst([line()]) { $0.heart.surveyInterval = .seconds(3600) }
        #expect(try await bench.job("j")["status"] == "done")
        #expect(try await bench.job("late")["status"] == "scheduled")
    }

    @Test func `a burst ends when nothing is left, a long line included`() async throws {
        let bench = try await TestBench.make()
        let mortal = try await bench.mortal()
        try await bench.push(job)
        _ = try await mortal.claim(from: "default", upTo: 1)
        // The session is another worker's: these only wait in its line.
        for index in 0..<250 { try await bench.push(job.replacing("\"j\"", with: "\"p\(index)\"")) }
        try await bench.push(#"{"flow":"line","session_id":"t","id":"x"}"#)
        await bench.burst([line()])
        #expect(try await bench.job("x")["status"] == "done")
        #expect(try await bench.count("LLEN", bench.keys.parked("s")) == 250)
    }
}
