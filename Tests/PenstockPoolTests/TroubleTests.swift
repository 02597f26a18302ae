import Glibc
import PenstockCheckpointers
import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

/// Servers that go away in the middle, connections that are cut, threads that are taken: every job ends done exactly once.
@Suite struct TroubleTests {
    enum Trouble: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case connectionsCut = "all connections are cut, again and again"
        case scriptsFlushed = "the scripts are forgotten, again and again"
        case serverKilled = "the server is killed, and started again"
        case serverStopped = "the server stands still for longer than a lock lives"
        var testDescription: String { rawValue }

        /// Strikes again whenever `someWork` is done.
        func strike(_ redis: TestRedis, _ someWork: () async throws -> Void) async throws {
            switch self {
            case .connectionsCut:
                let client = RedisClient(redis.address)
                for _ in 1...10 {
                    _ = try await client.send(
                        RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
                    try await someWork()
                }
            case .scriptsFlushed:
                let client = RedisClient(redis.address)
                for _ in 1...10 {
                    _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                    try await someWork()
                }
            case .serverKilled:
                for _ in 1...2 {
                    redis.kill()
                    try await redis.restart()
                    try await someWork()
                }
            case .serverStopped:
                redis.suspend()
                try await Task.sleep(for: .seconds(4))
                redis.resume()
            }
        }
    }

    /// With a store in the queue's Redis, which ends a job in the step of its last save if the worker knows that it stands there.
    @Test(arguments: Trouble.allCases, [false, true])
    func `every job ends done exactly once, in its session's order, although`(
        _ trouble: Trouble, _ isKnown: Bool
    ) async throws {
        let redis = try await TestRedis.start(options: ["--appendonly", "yes", "--appendfsync", "always"])
        let store = RedisCheckpointer(RedisClient(redis.address), prefix: "store:")
        let bench = try await TestBench.make(
            store: store, traces: isKnown ? RedisCheckpointer.traces(prefix: "store:") : nil,
            redis: redis.address)
        let sessions = 12
        let jobs = 15
        for job in 0..<jobs {
            for session in 0..<sessions {
                try await bench.push(
                    #"{"flow":"line","session_id":"s\#(session)","id":"s\#(session)-\#(job)","input":{"log":["\#(job)"]}}"#
                )
            }
        }
        let begun = Signal()
        let ledger = Ledger()
        let flow = line(nodes: ["a", "b"]) { context in
            ledger.note(context.idempotencyKey)
            if ledger.all.count > 20 { begun.send() }
        }
        let first = try await bench.start([flow]) { $0.slots = 6 }
        let second = try await bench.start([flow]) { $0.slots = 6 }
        try await begun.wait()
        try await trouble.strike(redis) {
            let least = min(ledger.all.count + 10, sessions * jobs * 2)
            try await bench.until("nodes have run since, or all have") { ledger.all.count >= least }
        }
        try await bench.until("all is done") {
            do {
                let ended = try await bench.client.send(RedisCommand("KEYS", bench.keys.ended("*")))
                let unfinished = try await bench.unfinished()
                return ended.asArray?.count == sessions * jobs && unfinished == 0
            } catch is RedisError {
                return false
            }
        }
        await first.drain()
        await second.drain()
        for session in 0..<sessions {
            let id = SessionID(unchecked: "s\(session)")
            let latest = try #require(try await store.latest(of: id))
            let expected = (0..<jobs).map { #""\#($0)","a","b""# }.joined(separator: ",")
            #expect(String(decoding: latest.state, as: UTF8.self).contains("[\(expected)]"))
            #expect(latest.step == jobs * 2)
            for job in 0..<jobs {
                let record = try await bench.job("s\(session)-\(job)")
                #expect(record["status"] == "done")
                #expect(record["attempts"] == nil)
            }
        }
        #expect(try await bench.deadNames().isEmpty)
        #expect(try await bench.count("ZCARD", bench.keys.workers) == 0)
        await store.close()
    }

    @Test(arguments: [CheckpointerError.unavailable(reason: "away"), .refused(reason: "its disk is full")])
    func `a store that is away for a while, or takes nothing, only delays`(_ trouble: CheckpointerError)
        async throws
    {
        let store = BreakableStore()
        let bench = try await TestBench.make(store: store)
        let ledger = Ledger()
        let flow = line { context in
            ledger.note(context.node.text)
            if context.node == "b" { store.trouble = trouble }
        }
        store.trouble = trouble
        try await bench.push(#"{"flow":"line","session_id":"s","id":"j"}"#)
        let pool = try await bench.start([flow])
        try await bench.until("opening was refused") { store.refusals > 2 }
        store.trouble = nil
        // One may still be on its way.
        let openings = store.refusals + 1
        try await bench.until("a save was refused") { store.refusals > openings }
        store.trouble = nil
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        await pool.drain()
        #expect(ledger.all == ["a", "b", "c"])
        #expect(try await bench.job("j")["attempts"] == nil)
    }

    @Test func `a worker drains although the store is away`() async throws {
        let store = BreakableStore()
        let bench = try await TestBench.make(store: store)
        store.trouble = .unavailable(reason: "away")
        try await bench.push(#"{"flow":"line","session_id":"s","id":"j"}"#)
        let pool = try await bench.start([line()]) { $0.grace = .seconds(60) }
        try await bench.until("opening was refused") { store.refusals > 1 }
        let begin = ContinuousClock.now
        await pool.drain()
        #expect(.now - begin < .seconds(30))
        #expect(try await bench.job("j")["status"] == "waiting")
        #expect(try await bench.job("j")["crashes"] == nil)
    }

    /// In a process of its own: the other tests need threads too.
    @Test func `nodes that take every thread for longer than a lock lives lose no lock`() async throws {
        await #expect(processExitsWith: .success) {
            let bench = try await TestBench.make()
            let ledger = Ledger()
            let flow = line(nodes: ["a"]) { context in
                ledger.note("\(context.job)")
                usleep(2_600_000)
            }
            let jobs = ProcessFacts.coreCount * 2
            for job in 0..<jobs { try await bench.push(#"{"flow":"line","id":"j\#(job)"}"#) }
            let pool = try await bench.start([flow]) { settings in
                settings.queue.lockLife = .seconds(2)
                settings.heart.lockMargin = .milliseconds(700)
                settings.heart.callLimit = .milliseconds(300)
            }
            for job in 0..<jobs { #expect(try await bench.end(of: "j\(job)")["status"]?.string == "done") }
            await pool.drain()
            #expect(ledger.all.sorted() == (0..<jobs).map { "j\($0)" })
            for job in 0..<jobs {
                let id = SessionID(unchecked: "j\(job)")
                #expect(try await bench.store.session(id)?.record.epoch == 1)
                #expect(try await bench.job("j\(job)")["crashes"] == nil)
            }
        }
    }
}
