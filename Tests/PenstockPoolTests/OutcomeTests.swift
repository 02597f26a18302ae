import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import Testing

/// Each way in which an attempt can end, from the message to what stands in Redis and in the store.
@Suite struct OutcomeTests {
    private let job = #"{"flow":"line","session_id":"s","id":"j"}"#

    @Test(arguments: StoreDriver.all)
    func `a second message of a job that is done brings its result, and runs nothing`(_ driver: StoreDriver)
        async throws
    {
        try await driver.withBench { bench in
            let ledger = Ledger()
            let flow = line { context in ledger.note(context.idempotencyKey) }
            try await bench.push(job)
            try await bench.push(job)
            await bench.burst([flow])
            #expect(ledger.all == ["j:1", "j:2", "j:3"])
            try await bench.push(job)
            await bench.burst([flow])
            #expect(ledger.all.count == 3)
            #expect(try await bench.end(of: "j")["result"]?["log"]?.array?.count == 3)
            #expect(try await bench.path(of: "s") == ["a", "b", "c"])
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test(arguments: StoreDriver.all)
    func `a failed attempt is retried from its last checkpoint, with the same idempotency key`(
        _ driver: StoreDriver
    )
        async throws
    {
        try await driver.withBench { bench in
            let ledger = Ledger()
            let flow = line { context in
                ledger.note("\(context.idempotencyKey) \(context.attempt)")
                if context.node == "b", context.attempt < 3 { throw Broken() }
            }
            try await bench.push(job)
            let pool = try await bench.start([flow])
            let end = try await bench.end(of: "j")
            await pool.drain()
            #expect(end["status"]?.string == "done")
            #expect(ledger.all == ["j:1 1", "j:2 1", "j:2 2", "j:2 3", "j:3 3"])
            let record = try await bench.job("j")
            #expect(record["attempts"] == "2" && record["status"] == "done" && record["error"] == "")
        }
    }

    @Test(arguments: StoreDriver.all)
    func `a job that fails as often as it may is buried where it stands, and the next one goes on`(
        _ driver: StoreDriver
    )
        async throws
    {
        try await driver.withBench { bench in
            let flow = line { context in
                if context.node == "b", context.job == "j" { throw Broken() }
            }
            try await bench.push(#"{"flow":"line","session_id":"s","id":"j","max_attempts":2}"#)
            try await bench.push(#"{"flow":"line","session_id":"s","id":"k"}"#)
            let pool = try await bench.start([flow])
            let end = try await bench.end(of: "j")
            #expect(end["status"]?.string == "dead" && end["reason"]?.string == "failed")
            #expect(try await bench.end(of: "k")["status"]?.string == "done")
            await pool.drain()
            let dead = try await bench.dead("j")
            #expect(dead["node"] == "b" && dead["attempts"] == "2")
            #expect(dead["error"]?.contains("it is broken") == true)
            let first = try await bench.store.checkpoints(of: "s", limit: 9, before: 2).first
            #expect(dead["checkpoint"] == first?.id.text)
            #expect(try await bench.store.job("j")?.status == .dead)
            // The next job goes on where the first one stopped.
            #expect(try await bench.path(of: "s") == ["a", "b", "c"])
        }
    }

    @Test func `a failure for good is buried at once`() async throws {
        let bench = try await TestBench.make()
        try await bench.push(job)
        await bench.burst([line { _ in throw PermanentFailure("the card was declined") }])
        #expect(try await bench.end(of: "j")["status"]?.string == "dead")
        #expect(try await bench.dead("j")["attempts"] == "1")
        #expect(try await bench.unfinished() == 0)
    }

    @Test(arguments: [
        (#"{"flow":"line","session_id":"s","id":"j","input":{"lgo":[]}}"#, "lgo"),
        (#"{"flow":"line","session_id":"s","id":"j","input":{"log":7}}"#, "log"),
        (#"{"flow":"line","session_id":"s","id":"j","priority":7}"#, "priority"),
    ])
    func `what the flow or the format does not take is buried at once, naming it`(
        _ message: String, _ key: String
    )
        async throws
    {
        let bench = try await TestBench.make()
        try await bench.push(message)
        await bench.burst([line()])
        let end = try await bench.end(of: "j")
        #expect(end["reason"]?.string == "refused")
        #expect(end["error"]?.string?.contains(key) == true)
        #expect(try await bench.dead("j")["message"] == message)
        #expect(try await bench.client.send(RedisCommand("GET", bench.keys.turn("s"))).isNull)
        #expect(try await bench.unfinished() == 0)
    }

    @Test func `a session belongs to the flow that first ran in it`() async throws {
        let bench = try await TestBench.make()
        try await bench.push(job)
        try await bench.push(#"{"flow":"other","session_id":"s","id":"k"}"#)
        await bench.burst([line(), line("other")])
        let end = try await bench.end(of: "k")
        #expect(end["reason"]?.string == "refused")
        #expect(end["error"]?.string?.contains("belongs to flow line") == true)
    }

    @Test func `a job of an unknown flow comes back until its patience is over`() async throws {
        let bench = try await TestBench.make()
        try await bench.push(#"{"flow":"lnie","session_id":"s","id":"j"}"#)
        try await bench.push(job.replacing("\"j\"", with: "\"k\""))
        await bench.burst([line()])
        // It keeps its turn, and the session's next job waits behind it.
        #expect(try await bench.job("j")["status"] == "scheduled")
        #expect(try await bench.job("k")["status"] == "parked")
        #expect(try await bench.job("j")["attempts"] == nil)
        let pool = try await bench.start([line()]) { settings in
            settings.unknownFlowDelay = .milliseconds(1)
            settings.unknownFlowPatience = .milliseconds(1)
        }
        _ = try await bench.client.send(
            RedisCommand(
                "ZINCRBY", bench.keys.scheduled, -1_000_000,
                #"default {"flow":"lnie","session_id":"s","id":"j"}"#))
        let end = try await bench.end(of: "j")
        #expect(end["reason"]?.string == "unknown_flow")
        #expect(end["error"]?.string?.contains("did you mean \"line\"?") == true)
        #expect(try await bench.end(of: "k")["status"]?.string == "done")
        await pool.drain()
    }

    @Test(arguments: [#"{"flow":"line","id":"j","v":2,"novelty":1}"#, #"{"novelty":"x","v":2}"#])
    func `a message of a later format waits for a later worker if it can, and else is buried`(
        _ message: String
    )
        async throws
    {
        let bench = try await TestBench.make()
        try await bench.push(message)
        await bench.burst([line()])
        if message.contains("flow") {
            #expect(try await bench.job("j")["status"] == "scheduled")
        } else {
            let name = try #require(try await bench.deadNames().first)
            #expect(try await bench.dead(name)["error"]?.contains("version 2 of the format") == true)
            #expect(try await bench.unfinished() == 0)
            // Nothing is left of an id that it never had.
            #expect(try await bench.client.send(RedisCommand("KEYS", bench.keys.job("*"))).asArray == [])
        }
    }

    @Test(arguments: StoreDriver.all)
    func `a session of a later version of the flow is left to workers that have it`(_ driver: StoreDriver)
        async throws
    {
        try await driver.withBench { bench in
            try await bench.push(job)
            await bench.burst([line(version: 2)])
            try await bench.push(job.replacing("\"j\"", with: "\"k\""))
            await bench.burst([line(version: 1)])
            #expect(try await bench.job("k")["status"] == "scheduled")
            #expect(try await bench.path(of: "s").count == 3)
        }
    }

    @Test func `an attempt that takes longer than its limit is cancelled and counted`() async throws {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let never = Signal()
        let flow = line { context in
            ledger.note("\(context.node) \(context.attempt)")
            if context.node == "b", context.attempt == 1 { try await never.wait() }
        }
        try await bench.push(#"{"flow":"line","session_id":"s","id":"j","timeout_seconds":2}"#)
        let pool = try await bench.start([flow])
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        await pool.drain()
        #expect(ledger.all == ["a 1", "b 1", "b 2", "c 2"])
        #expect(try await bench.job("j")["attempts"] == "1")
    }

    /// Something else, such as an engine used alone, opens the session while the claim is this worker's.
    @Test(arguments: StoreDriver.all)
    func `a worker that is overtaken in the store while the claim is its own opens the session again`(
        _ driver: StoreDriver
    ) async throws {
        try await driver.withBench { bench in
            let ledger = Ledger()
            let flow = line { context in
                ledger.note(context.node.text)
                if context.node == "b", ledger.count(of: "b") == 1 {
                    _ = try await bench.store.open("s", for: "x", as: "another")
                }
            }
            try await bench.push(job)
            await bench.burst([flow])
            #expect(try await bench.end(of: "j")["status"]?.string == "done")
            #expect(ledger.all == ["a", "b", "b", "c"])
            #expect(try await bench.path(of: "s") == ["a", "b", "c"])
            #expect(try await bench.job("j")["attempts"] == nil)
        }
    }

    @Test func `a worker that is overtaken again and again hands the job back`() async throws {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let flow = line { context in
            ledger.note(context.node.text)
            if ledger.all.count <= 3 {
                _ = try await bench.store.open("s", for: "x", as: "\(ledger.all.count)")
            }
        }
        try await bench.push(job)
        let pool = try await bench.start([flow])
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        await pool.drain()
        #expect(ledger.all == ["a", "a", "a", "a", "b", "c"])
    }

    @Test func `a store that cannot read a session fails its jobs, and holds no slot for ever`() async throws
    {
        let store = BreakableStore()
        let bench = try await TestBench.make(store: store)
        store.trouble = .unreadable(what: "the head of s", reason: "no JSON")
        try await bench.push(#"{"flow":"line","session_id":"s","id":"j","max_attempts":2}"#)
        let pool = try await bench.start([line()]) { $0.slots = 1 }
        let end = try await bench.end(of: "j")
        #expect(end["reason"]?.string == "failed")
        #expect(end["error"]?.string?.contains("the head of s cannot be read") == true)
        #expect(try await bench.dead("j")["attempts"] == "2")
        await pool.drain()
    }
}
