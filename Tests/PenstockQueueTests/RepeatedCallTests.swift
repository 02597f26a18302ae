import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// The reply to a call may be lost: the same call, made again, does nothing more and answers the same.
@Suite struct RepeatedCallTests {
    private func twice<Answer>(
        _ call: QueueCall<Answer>, _ bench: QueueBench
    ) async throws -> Answer {
        let first = try await call.send(over: bench.client)
        let after = try await bench.everything()
        let second = try await call.send(over: bench.client)
        #expect(try await bench.everything() == after)
        #expect("\(first)" == "\(second)")
        return second
    }

    @Test func `a claim made twice takes its jobs once`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(
            message("a"), message("b"), #"{"flow":"f"}"#, "no JSON", message("x", session: "t"))
        guard
            case .claimed(let claims, let waiting, _) = try await twice(
                worker.calls.claim(from: "default", upTo: 3), bench)
        else { throw NotRegistered() }
        #expect(claims.map(\.kind) == [.job, .job, .unreadable])
        #expect(waiting == 1)
    }

    /// More parts than a script hands to one command.
    @Test func `a claim of many jobs made twice takes them once`() async throws {
        var bench = try await QueueBench.make()
        // Looking at all of it may take longer than a lock lives.
        bench.settings.lockLife = .seconds(600)
        let worker = try await bench.worker()
        for index in 0..<250 { try await bench.push(message("j\(index)", session: "s\(index)")) }
        guard
            case .claimed(let claims, let waiting, _) = try await twice(
                worker.calls.claim(from: "default", upTo: 230), bench)
        else { throw NotRegistered() }
        #expect(claims.map(\.id) == (0..<230).map { "j\($0)" })
        #expect(claims.map(\.message) == (0..<230).map { Array(message("j\($0)", session: "s\($0)").utf8) })
        #expect(waiting == 20)
    }

    @Test func `a claim made twice brings a conflict once, and parks what it finds once`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("a", session: "t"), message("b"))
        guard
            case .claimed(let first, _, _) = try await twice(
                worker.calls.claim(from: "default", upTo: 2), bench)
        else { throw NotRegistered() }
        #expect(first.map(\.kind) == [.job, .conflict])
        guard
            case .claimed(let none, 0, _) = try await twice(
                worker.calls.claim(from: "default", upTo: 2), bench)
        else { throw NotRegistered() }
        #expect(none.isEmpty)
        #expect(try await bench.parked("s") == ["b"])
    }

    /// What was claimed has been settled, and calls of all other kinds were made since.
    @Test func `a claim made again after other calls answers the same and takes nothing more`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker(["default", "other"])
        try await bench.push(message("a"), message("b", session: "t"), message("c", session: "t"))
        let call = worker.calls.claim(from: "default", upTo: 3)
        guard case .claimed(let claims, _, _) = try await call.send(over: bench.client) else {
            throw NotRegistered()
        }
        try #require(claims.map(\.id) == ["a", "b"])
        try await worker.settle(claims[1], as: .done(result: []), slot: 1, takesNext: true)
        try await worker.settle(claims[0], as: .retry(after: .seconds(9), error: "e", node: "n"))
        try await bench.push(message("x", session: "u"), to: "other")
        _ = try await worker.claimOne(from: "other")
        #expect(try await worker.claim().isEmpty)
        let before = try await bench.everything()
        guard case .claimed(let again, 0, _) = try await call.send(over: bench.client) else {
            throw NotRegistered()
        }
        #expect("\(again)" == "\(claims)")
        #expect(try await bench.everything() == before)
    }

    @Test func `a claim made again by a worker that was given up for dead since takes nothing`() async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let dead = try await bench.worker(["default", "other"])
        try await bench.push(message("a"))
        try await bench.push(message("b", session: "t"), to: "other")
        let call = dead.calls.claim(from: "default", upTo: 1)
        _ = try await call.send(over: bench.client)
        _ = try await dead.claimOne(from: "other")
        _ = try await worker.reap(dead)
        let before = try await bench.everything()
        guard case .unregistered = try await call.send(over: bench.client) else {
            Issue.record("a worker that is gone has claimed")
            return
        }
        #expect(try await bench.everything() == before)
        #expect(!before.keys.contains { $0.contains(dead.name) })
    }

    @Test(arguments: [
        Settlement.done(result: Array("{}".utf8)), .retry(after: .seconds(1), error: "e", node: "n"),
        .handBack(after: .zero, isInterruption: false), .handBack(after: .seconds(1), isInterruption: true),
        .await(.seconds(1), patience: .seconds(9)),
        .postpone(until: Timestamp(microseconds: 4_000_000_000_000_000)),
        .bury(Burial(reason: "failed", error: "e", endsAttempt: true)),
    ])
    func `a settling made twice settles once`(_ settlement: Settlement) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("c"))
        let claim = try await worker.claimOne()
        _ = try await worker.claim()
        let call = worker.calls.settle(
            claim, as: settlement, slot: 3, next: worker.calls.nextClaimNumber())
        #expect(try await twice(call, bench).isSettled)
    }

    /// The other slots' calls are another matter.
    @Test func `a settling made again after other slots' calls answers the same and settles nothing more`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("x", session: "t"))
        let claims = try await worker.claim(2)
        try #require(claims.map(\.id) == ["a", "x"])
        let call = worker.calls.settle(
            claims[0], as: .done(result: []), slot: 0, next: worker.calls.nextClaimNumber())
        let first = try await call.send(over: bench.client)
        try await worker.settle(claims[1], as: .done(result: []), slot: 1)
        _ = try await worker.claim()
        let before = try await bench.everything()
        let second = try await call.send(over: bench.client)
        #expect(first.next?.number == second.next?.number && second.next?.id == "b")
        #expect(try await bench.everything() == before)
    }

    /// It reaches Redis only after the same call over another connection, and another one after that.
    @Test func `a settling that arrives when the slot has long gone on is refused`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("c"))
        let first = try await worker.claimOne()
        _ = try await worker.claim()
        let late = worker.calls.settle(
            first, as: .handBack(after: .zero, isInterruption: false), slot: 0,
            next: worker.calls.nextClaimNumber())
        #expect(try await late.send(over: bench.client).isSettled)
        // Handed back, claimed again, and the slot has settled that claim.
        let again = try await worker.claimOne()
        #expect(again.id == "a")
        try await worker.settle(again, as: .retry(after: .milliseconds(1), error: "e", node: "n"))
        try await bench.makeAllDue()
        _ = try await worker.survey()
        _ = try await worker.claimOne()
        let before = try await bench.everything()
        #expect(try await late.send(over: bench.client).isRefused)
        #expect(try await bench.everything() == before)
    }

    @Test func `reaping, recovering and leaving, each made twice, change nothing the second time`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let dead = try await bench.worker()
        try await bench.push(message("a"), message("b", session: "t"), "no JSON")
        _ = try await dead.claim(3)
        let beat = try await dead.beatCount()
        _ = try await worker.reap(dead, beat: beat)
        let reaped = try await bench.everything()
        guard case .alive = try await worker.reap(dead, beat: beat) else {
            Issue.record("a worker that is gone was reaped once more")
            return
        }
        #expect(try await bench.everything() == reaped)
        _ = try await worker.claim(3)
        #expect(try await worker.recover() == 3)
        let recovered = try await bench.everything()
        #expect(try await worker.recover() == 0)
        #expect(try await bench.everything() == recovered)
        #expect(try await worker.queue.leave() == 0)
        let left = try await bench.everything()
        #expect(try await worker.queue.leave() == 0)
        #expect(try await bench.everything() == left)
        #expect(!left.keys.contains { $0.contains(worker.name) || $0.contains("worker") })
    }
}
