import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

@Suite struct ClaimTests {
    @Test func `a claim takes the session's turn and its lock`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        #expect(claim.kind == .job)
        #expect(claim.id == "a" && claim.session == "s")
        #expect(try await bench.turn("s") == "a")
        #expect(try await bench.lock("s") == claim.number)
        #expect(claim.number.hasPrefix(worker.name + ":"))
        let life = try #require(try await bench.send("PTTL", bench.keys.lock("s")).asInt)
        #expect(life > 0 && life <= 10_000)
        #expect(try await bench.send("TTL", bench.keys.turn("s")).asInt == -1)
        #expect(try await worker.processing() == [message("a")])
        let record = try await bench.record("a")
        #expect(record["status"] == "running" && record["worker"] == worker.name)
    }

    @Test func `later jobs of the session are parked in their order, whoever claims`() async throws {
        let bench = try await QueueBench.make()
        let first = try await bench.worker()
        let second = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("c"), message("x", session: "t"))
        _ = try await first.claimOne()
        let others = try await second.claim(4)
        #expect(others.map(\.id) == ["x"])
        #expect(try await bench.parked("s") == ["b", "c"])
        #expect(try await bench.waitingIDs().isEmpty)
        try await bench.push(message("d"))
        #expect(try await first.claim(1).isEmpty)
        #expect(try await bench.parked("s") == ["b", "c", "d"])
        #expect(try await bench.record("d")["status"] == "parked")
    }

    @Test func `a batch brings the oldest first, and says how many wait on`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        for index in 0..<5 { try await bench.push(message("j\(index)", session: "s\(index)")) }
        guard
            case .claimed(let claims, let waiting, _) = try await worker.queue.claim(from: "default", upTo: 3)
        else { throw NotRegistered() }
        #expect(claims.map(\.id) == ["j0", "j1", "j2"])
        #expect(waiting == 2)
        #expect(Set(claims.map(\.number)).count == 3)
    }

    @Test func `a worker that is not registered claims nothing`() async throws {
        let bench = try await QueueBench.make()
        try await bench.push(message("a"))
        let stranger = bench.unregisteredWorker()
        await #expect(throws: NotRegistered.self) { try await stranger.claim() }
        #expect(try await bench.waitingIDs() == ["a"])
        #expect(try await !bench.exists(bench.keys.turn("s")))
    }

    @Test func `a long line of one session does not hide the jobs of others`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("first"))
        _ = try await worker.claimOne()
        for index in 0..<250 { try await bench.push(message("p\(index)")) }
        try await bench.push(message("x", session: "t"))
        var left: [Int] = []
        while true {
            guard
                case .claimed(let claims, let waiting, _) = try await worker.queue.claim(
                    from: "default", upTo: 1)
            else { throw NotRegistered() }
            left.append(waiting)
            if let claim = claims.first {
                #expect(claim.id == "x")
                break
            }
            try #require(waiting > 0)
        }
        #expect(left == [150, 49, 0])
    }

    // MARK: - Messages without an id

    @Test(arguments: [
        (#"{"flow":"f","input":{"n":1.0,"big":123456789012345678901234567890,"none":[]}}"#, #"{"#),
        (" \n\t { \"flow\" : \"f\" }", " \n\t {"),
    ])
    func `a message without an id gets one, its other bytes as they were`(
        _ message: String, _ head: String
    ) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message)
        let claim = try await worker.claimOne()
        #expect(claim.kind == .job)
        #expect(claim.session == claim.id)
        let adopted = head + "\"id\":\"\(claim.id)\"," + message.dropFirst(head.count)
        #expect(String(decoding: claim.message, as: UTF8.self) == adopted)
        #expect(try await worker.processing() == [adopted])
        let read = try JobMessage(parsing: claim.message, maxBytes: 1 << 20)
        #expect(read.id.text == claim.id)
    }

    @Test(arguments: [
        "{}", " { } ", "[]", "7", "", "no JSON", "\u{FEFF}{\"flow\":\"f\"}", #"{"flow":"f""#, #"{"flow":7}"#,
        #"{"id":"a"}"#, #"{"flow":"f","id":null}"#, #"{"flow":"f","id":7}"#, #"{"flow":"f","id":""}"#,
        #"{"flow":"f","id":"a b"}"#, #"{"flow":"f","session_id":null}"#, #"{"flow":"f","session_id":"ü"}"#,
        #"{"flow":"f","id":"a\#u{0}"}"#, #"{"flow":"f","id":"a\u0000b"}"#,
        #"{"flow":"f","input":\#(String(repeating: "[", count: 2000))"#,
    ])
    func `what cannot be read goes to the worker as it is, and holds nothing`(_ message: String) async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(Array(message.utf8))
        let claim = try await worker.claimOne()
        #expect(claim.kind == .unreadable)
        #expect(claim.message == Array(message.utf8))
        #expect(claim.session.isEmpty)
        #expect(try await bench.send("KEYS", bench.keys.prefix + "turn:*").asArray == [])
        #expect(try await bench.send("KEYS", bench.keys.prefix + "lock:*").asArray == [])
        #expect(try await bench.send("KEYS", bench.keys.prefix + "job:*").asArray == [])
        try await worker.settle(claim, as: .bury(Burial(reason: "refused", error: "no message")))
        let names = try await bench.deadNames()
        #expect(names.count == 1)
        let kept = try await bench.send("HGET", bench.keys.dead(try #require(names.first)), "message").asBytes
        #expect(kept == Array(message.utf8))
        #expect(try await worker.processing().isEmpty)
    }

    @Test func `a message that is far too large is not even read`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let padding = String(repeating: "x", count: 8 << 20)
        try await bench.push(#"{"flow":"f"}"#, #"{"flow":"f","metadata":{"padding":"\#(padding)"}}"#)
        let claims = try await worker.claim(2)
        #expect(claims.map(\.kind) == [.job, .unreadable])
    }

    // MARK: - Ids that are known

    @Test func `a second message of a job that runs waits first in line, and takes the turn over`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("a"))
        let first = try await worker.claimOne()
        #expect(try await worker.claim(2).isEmpty)
        #expect(try await bench.parked("s") == ["a", "b"])
        let settled = try await worker.settle(first, as: .done(result: Array("1".utf8)), takesNext: true)
        let again = try #require(settled.next)
        #expect(again.id == "a" && again.number != first.number)
        #expect(try await bench.lock("s") == again.number)
        let last = try await worker.settle(again, as: .done(result: Array("1".utf8)), takesNext: true)
        #expect(last.next?.id == "b")
    }

    @Test func `the record of a job that was done does not expire while a second message of it is held`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        try await worker.settle(try await worker.claimOne(), as: .done(result: []))
        #expect(try #require(try await bench.send("TTL", bench.keys.job("a")).asInt) > 0)
        try await bench.push(message("a"))
        let again = try await worker.claimOne()
        #expect(try await bench.send("TTL", bench.keys.job("a")).asInt == -1)
        try await worker.settle(again, as: .done(result: []))
        #expect(try #require(try await bench.send("TTL", bench.keys.job("a")).asInt) > 0)
    }

    @Test(arguments: [message("a", session: "other"), message("a", flow: "other")])
    func `an id that is known with another session or flow is a conflict`(_ second: String) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        try await worker.settle(try await worker.claimOne(), as: .done(result: Array("7".utf8)))
        let before = try await bench.record("a")
        try await bench.push(second)
        let claim = try await worker.claimOne()
        #expect(claim.kind == .conflict)
        #expect(claim.session.isEmpty)
        try await worker.settle(claim, as: .bury(Burial(reason: "conflict", error: "known")))
        #expect(try await bench.record("a") == before)
        let name = try #require(try await bench.deadNames().first)
        #expect(name != "a")
        #expect(try await bench.dead(name)["message"] == second)
        #expect(try await bench.notices(of: "a").count == 1)
    }

    /// Whatever happens to the holder of the second message, the first job's record stays as it was.
    @Test(arguments: ["reaped", "recovered", "handed back"])
    func `a conflict that is given back does not touch the first job's record`(_ way: String) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let other = try await bench.worker()
        try await bench.push(message("a"))
        try await worker.settle(try await worker.claimOne(), as: .done(result: Array("7".utf8)))
        let before = try await bench.record("a")
        try await bench.push(message("a", session: "other"))
        let claim = try await worker.claimOne()
        switch way {
        case "reaped": _ = try await other.reap(worker)
        case "recovered": #expect(try await worker.recover() == 1)
        default: try await worker.settle(claim, as: .handBack(after: .zero, isInterruption: false))
        }
        #expect(try await bench.record("a") == before)
        #expect(try await bench.waitingIDs() == ["a"])
        #expect(try await other.claimOne().kind == .conflict)
    }

    // MARK: - Sent again from the dead

    private func buriedAfterCrashes(_ bench: QueueBench, _ worker: TestWorker) async throws {
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        _ = try await bench.send("HSET", bench.keys.job("a"), "crashes", 3, "attempts", 4, "waiting_since", 1)
        try await worker.settle(
            claim, as: .bury(Burial(reason: "failed", error: "no", endsAttempt: true)))
        #expect(try await bench.record("a")["attempts"] == "5")
    }

    @Test func `a dead job that is sent again starts with fresh counters`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await buriedAfterCrashes(bench, worker)
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        #expect(claim.kind == .job && claim.attempts == 0 && claim.crashes == 0 && claim.crashBase == 0)
        let record = try await bench.record("a")
        #expect(record["attempts"] == "0" && record["waiting_since"] == nil)
        #expect(try await bench.send("TTL", bench.keys.job("a")).asInt == -1)
        #expect(try await bench.notices(of: "a").isEmpty)
    }

    @Test func `a dead job that is sent again and has to wait in line starts with fresh counters too`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await buriedAfterCrashes(bench, worker)
        try await bench.push(message("b"), message("a"))
        let busy = try await worker.claimOne()
        #expect(try await worker.claim().isEmpty)
        #expect(try await bench.parked("s") == ["a"])
        let next = try await worker.settle(busy, as: .done(result: []), takesNext: true).next
        let claim = try #require(next)
        #expect(claim.id == "a" && claim.attempts == 0 && claim.crashes == 0)
        #expect(try await bench.send("TTL", bench.keys.job("a")).asInt == -1)
    }

    // MARK: - Names

    @Test(arguments: ["a:b", "::", "-", String(repeating: "x", count: 255), "turn:a", "A.b_c-d:e"])
    func `an odd session is a session like any other`(_ session: String) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker(["q:1"])
        try await bench.push(message("a", session: session), message("b", session: session), to: "q:1")
        let first = try await worker.claimOne(from: "q:1")
        #expect(first.session == session)
        #expect(try await worker.claim(from: "q:1").isEmpty)
        #expect(try await bench.parked(session) == ["b"])
        let second = try await worker.settle(first, as: .done(result: []), takesNext: true).next
        #expect(second?.id == "b" && second?.session == session)
        try await worker.settle(try #require(second), as: .done(result: []))
        #expect(try await bench.turn(session) == nil)
        #expect(try await bench.lock(session) == nil)
    }

    @Test func `with a hash tag in the prefix every key carries it`() async throws {
        let tag = "{penstock-\(UInt64.random(in: 0 ... .max))}:"
        let bench = try await QueueBench.make(prefix: tag)
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("c", session: "t"), "no JSON")
        let claims = try await worker.claim(4)
        #expect(claims.count == 3)
        try await worker.settle(claims[0], as: .retry(after: .seconds(9), error: "e", node: "n"))
        try await worker.settle(claims[1], as: .done(result: []))
        try await worker.settle(claims[2], as: .bury(Burial(reason: "refused", error: "e")))
        _ = try await worker.survey()
        #expect(try await bench.everything().count >= 9)
        let stray = try await bench.send("KEYS", "*penstock-*").asArray?.compactMap(\.asString) ?? []
        let own = stray.filter { $0.contains(tag.dropFirst().dropLast(2)) }
        #expect(own.allSatisfy { $0.hasPrefix(tag) })
    }
}
