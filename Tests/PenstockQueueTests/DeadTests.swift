import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// What is buried, how long it is kept, and how it comes back; and what is cancelled.
@Suite struct DeadTests {
    @Test(arguments: [[0xFF, 0xFE, 0x00, 0x80], Array("{\"flow\":\"f\",\"id\":\"\u{FFFD}".utf8) + [0xC3]])
    func `a message is kept byte for byte, whatever its bytes`(_ bytes: [UInt8]) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(bytes)
        let claim = try await worker.claimOne()
        try await worker.settle(claim, as: .bury(Burial(reason: "refused", error: "no JSON")))
        let name = try #require(try await bench.deadNames().first)
        #expect(try await bench.send("HGET", bench.keys.dead(name), "message").asBytes == bytes)
        #expect(try await bench.dead(name)["reason"] == "refused")
    }

    @Test func `a burial says who, why, where and how often`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        try await worker.settle(
            try await worker.claimOne(),
            as: .bury(
                Burial(
                    reason: "failed", error: "boom \"quoted\"", node: "n", checkpoint: "c", flow: "f",
                    endsAttempt: true)))
        let dead = try await bench.dead("a")
        #expect(
            dead["id"] == "a" && dead["session"] == "s" && dead["queue"] == "default" && dead["flow"] == "f")
        #expect(dead["error"] == "boom \"quoted\"" && dead["node"] == "n" && dead["checkpoint"] == "c")
        #expect(dead["attempts"] == "1" && dead["crashes"] == "0")
        #expect(try await bench.record("a")["status"] == "dead")
        #expect(
            try await bench.notices(of: "a")
                == [#"{"id":"a","status":"dead","reason":"failed","error":"boom \"quoted\""}"#])
    }

    private func bury(_ ids: [String], _ bench: QueueBench, _ worker: TestWorker) async throws {
        for id in ids {
            try await bench.push(message(id))
            try await worker.settle(
                try await worker.claimOne(), as: .bury(Burial(reason: "failed", error: "no")))
        }
    }

    @Test func `the dead are capped by number, the oldest go first`() async throws {
        var bench = try await QueueBench.make()
        bench.settings.maxDead = 3
        let worker = try await bench.worker()
        try await bury(["a", "b", "c"], bench, worker)
        _ = try await bench.send("ZINCRBY", bench.keys.dead, -5, "a")
        try await bury(["d"], bench, worker)
        #expect(Set(try await bench.deadNames()) == ["b", "c", "d"])
        #expect(try await !bench.exists(bench.keys.dead("a")))
        #expect(try await bench.exists(bench.keys.dead("b")))
    }

    @Test func `the dead are capped by age`() async throws {
        var bench = try await QueueBench.make()
        bench.settings.deadLife = .seconds(100)
        let worker = try await bench.worker()
        try await bury(["a", "b"], bench, worker)
        _ = try await bench.send("ZINCRBY", bench.keys.dead, -101_000, "a")
        _ = try await bench.send("ZINCRBY", bench.keys.dead, -90_000, "b")
        try await bury(["c"], bench, worker)
        #expect(try await bench.deadNames() == ["b", "c"])
        #expect(try await !bench.exists(bench.keys.dead("a")))
    }

    private func exhume(_ name: String, _ bench: QueueBench) async throws -> Bool {
        try await bench.inspector.exhume(name) == .sent
    }

    @Test func `a dead job that is sent again runs with fresh counters`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bury(["a"], bench, worker)
        _ = try await bench.send("HSET", bench.keys.job("a"), "attempts", 5, "crashes", 3)
        #expect(try await exhume("a", bench))
        #expect(try await !exhume("a", bench))
        #expect(try await bench.deadNames().isEmpty)
        #expect(try await bench.notices(of: "a").isEmpty)
        let claim = try await worker.claimOne()
        #expect(claim.id == "a" && claim.attempts == 0 && claim.crashes == 0)
        #expect(claim.message == Array(message("a").utf8))
    }

    @Test func `sending a buried conflict again leaves the job alone that has its id`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bury(["a"], bench, worker)
        try await bench.push(message("a", session: "other"))
        let conflict = try await worker.claimOne()
        try #require(conflict.kind == .conflict)
        try await worker.settle(conflict, as: .bury(Burial(reason: "conflict", error: "known")))
        let before = try await bench.record("a")
        let name = try #require(try await bench.deadNames().first { $0 != "a" })
        #expect(try await exhume(name, bench))
        #expect(try await bench.record("a") == before)
        #expect(before["status"] == "dead")
    }

    @Test func `a message above this worker's limit is buried with its session's turn, its note and its key`()
        async throws
    {
        var bench = try await QueueBench.make()
        var job = Job("f")
        job.id = "large"
        job.session = "s"
        job.uniqueKey = "k"
        job.metadata = ["padding": .string(String(repeating: "x", count: 500))]
        _ = try await bench.inspector.enqueue(try CheckedJob(job, maxBytes: 1000), to: "default")
        try await bench.push(message("next"))
        bench.settings.maxMessageBytes = 300
        let worker = try await bench.worker()
        let claim = try await worker.claimOne()
        #expect(claim.id == "large" && claim.session == "s")
        try await worker.settle(claim, as: .bury(Burial(reason: "refused", error: "too large")))
        #expect(try await bench.record("large")["status"] == "dead")
        #expect(try await bench.notices(of: "large").count == 1)
        #expect(try await !bench.exists(bench.keys.unique("k")))
        #expect(try await worker.claimOne().id == "next")
    }

    // MARK: - Purging

    private func purge(_ bench: QueueBench) async throws -> Int {
        try await bench.inspector.purge("default")
    }

    @Test func `a purge cancels what waits, tells whoever waits, and passes the turns on`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker(["default", "q"])
        try await bench.push(message("a"))
        let first = try await worker.claimOne()
        try await bench.push(message("b"), to: "q")
        #expect(try await worker.claim(from: "q").isEmpty)
        try await worker.settle(first, as: .handBack(after: .zero, isInterruption: false))
        try await bench.push(message("x", session: "t"), "no JSON")
        #expect(try await purge(bench) == 3)
        #expect(try await bench.waiting().isEmpty)
        #expect(try await bench.record("a")["status"] == "cancelled")
        #expect(try await bench.record("a")["error"] == "its queue was purged")
        #expect(
            try await bench.notices(of: "x")
                == [#"{"id":"x","status":"cancelled","reason":"cancelled","error":"its queue was purged"}"#])
        #expect(try await bench.turn("s") == "b")
        #expect(try await bench.waitingIDs(in: "q") == ["b"])
    }

    @Test(arguments: ["running", "scheduled", "done"])
    func `a purge of a second message leaves the job itself as it is`(_ standing: String) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let first = try await worker.claimOne()
        _ = try await worker.claim()
        switch standing {
        case "scheduled":
            try await worker.settle(first, as: .retry(after: .seconds(9), error: "e", node: "n"))
        case "done":
            try await worker.settle(first, as: .done(result: Array("1".utf8)))
            _ = try await worker.claimOne()
        default: break
        }
        let record = try await bench.record("a")
        let turn = try await bench.turn("s")
        let notices = try await bench.notices(of: "a")
        try await bench.push(message("a"), message("a", session: "other"))
        #expect(try await purge(bench) == 2)
        #expect(try await bench.record("a") == record)
        #expect(try await bench.turn("s") == turn)
        #expect(try await bench.notices(of: "a") == notices)
    }

    // MARK: - Enqueuing

    @Test func `enqueuing a dead job again forgets its end, another's of the same id does not`() async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let inspector = bench.inspector
        try await bury(["a"], bench, worker)
        let before = try await bench.record("a")
        var job = Job("f")
        job.id = "a"
        job.session = "other"
        #expect(try await inspector.enqueue(try CheckedJob(job, maxBytes: 1000), to: "default") == .conflict)
        #expect(try await bench.record("a") == before)
        #expect(try await bench.notices(of: "a").count == 1)
        job.session = "s"
        #expect(
            try await inspector.enqueue(try CheckedJob(job, maxBytes: 1000), to: "default")
                == .known(status: "dead"))
        #expect(try await bench.record("a")["status"] == "waiting")
        #expect(try await bench.notices(of: "a").isEmpty)
    }
}
