import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// What becomes of the claims of workers that died, came back, or leave.
@Suite struct ReapTests {
    @Test func `a dead worker's claims go back in their order, ahead of what waits`() async throws {
        let bench = try await QueueBench.make()
        let dead = try await bench.worker()
        let judge = try await bench.worker()
        for index in 0..<4 { try await bench.push(message("j\(index)", session: "s\(index)")) }
        _ = try await dead.claim(3)
        guard case .reaped(3, isFinished: true) = try await judge.reap(dead) else {
            Issue.record("not all was given back")
            return
        }
        #expect(try await bench.waitingIDs() == ["j0", "j1", "j2", "j3"])
        #expect(try await bench.record("j0")["crashes"] == "1")
        #expect(try await bench.record("j0")["attempts"] == nil)
        #expect(try await bench.record("j3")["crashes"] == nil)
        #expect(try await bench.turn("s0") == "j0")
        #expect(try await bench.lock("s0") == nil)
        let again = try await judge.claimOne()
        #expect(again.id == "j0" && again.crashes == 1)
    }

    @Test func `claims are given back some at a time, with the beat compared each time`() async throws {
        let bench = try await QueueBench.make()
        let dead = try await bench.worker()
        let judge = try await bench.worker()
        for index in 0..<4 { try await bench.push(message("j\(index)", session: "s\(index)")) }
        _ = try await dead.claim(4)
        let beat = try await dead.beatCount()
        guard case .reaped(2, isFinished: false) = try await judge.reap(dead, beat: beat, upTo: 2) else {
            Issue.record("not two were given back")
            return
        }
        // It was only slow: what it still has it keeps, and it learns what it has lost.
        #expect(try await dead.processing().count == 2)
        // A beat is the server's millisecond, and all of this may take less than one.
        while try await dead.beatCount() == beat { _ = try await dead.beat() }
        guard case .alive = try await judge.reap(dead, beat: beat, upTo: 2) else {
            Issue.record("a worker whose heart beats was reaped")
            return
        }
        #expect(try await dead.processing().count == 2)
    }

    @Test func `the living keep their locks, and a worker that was reaped learns that it lost its own`()
        async throws
    {
        let bench = try await QueueBench.make()
        let dead = try await bench.worker()
        let living = try await bench.worker()
        try await bench.push(message("a"), message("b", session: "t"))
        let lost = try await dead.claimOne()
        let kept = try await living.claimOne()
        _ = try await living.reap(dead)
        #expect(try await bench.lock("t") == kept.number)
        guard case .unregistered = try await dead.beat(renewing: [lost]) else {
            Issue.record("a worker that was reaped is still known")
            return
        }
        try await dead.register()
        let again = try await living.claimOne()
        guard case .alive(listed: 0, lost: [lost.number]) = try await dead.beat(renewing: [lost]) else {
            Issue.record("the loss was not told")
            return
        }
        #expect(try await bench.lock("s") == again.number)
    }

    @Test func `a job that a dead worker had lost to another is not counted as crashed`() async throws {
        let bench = try await QueueBench.make()
        let dead = try await bench.worker()
        let judge = try await bench.worker()
        try await bench.push(message("a"), message("a"))
        _ = try await dead.claimOne()
        try await bench.expireLock(of: "s")
        // The second message of the same job: it is another worker's now.
        let running = try await judge.claimOne()
        #expect(running.id == "a")
        let before = try await bench.record("a")
        _ = try await judge.reap(dead)
        #expect(try await bench.record("a") == before)
        #expect(try await bench.lock("s") == running.number)
        #expect(try await judge.settle(running, as: .done(result: [])).isSettled)
    }

    // MARK: - Comparing

    @Test func `what does not run is handed back, what runs or is announced stays`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(
            message("a", session: "1"), message("b", session: "2"), message("c", session: "3"), "no JSON")
        let claims = try await worker.claim(4)
        // The unreadable one is being buried.
        #expect(try await worker.recover(running: [claims[1], claims[3]], unlockedToo: false) == 2)
        #expect(try await bench.waitingIDs() == ["a", "c"])
        #expect(try await worker.processing() == ["no JSON", message("b", session: "2")])
        #expect(try await bench.lock("1") == nil)
        #expect(try await bench.lock("2") == claims[1].number)
        #expect(try await bench.turn("1") == "a")
        #expect(try await bench.record("a")["crashes"] == nil)
        #expect(try await bench.record("a")["status"] == "waiting")
    }

    @Test func `a claim that came with a settling under way is let be`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let first = try await worker.claimOne()
        _ = try await worker.claim()
        // What runs was noted before the settling asked for the next job, and the comparison arrives after it.
        let recover = worker.calls.recover(
            running: [first.number], upTo: worker.calls.lastNumber, unlockedToo: true)
        let next = try await worker.settle(first, as: .done(result: []), takesNext: true).next
        #expect(try await recover.send(over: bench.client) == 0)
        #expect(try await bench.lock("s") == next?.number)
        #expect(try await worker.processing() == [message("b")])
    }

    @Test func `a message that another worker runs by now is handed back without its lock`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let other = try await bench.worker()
        try await bench.push(message("a"), message("a"))
        _ = try await worker.claimOne()
        try await bench.expireLock(of: "s")
        let running = try await other.claimOne()
        #expect(try await worker.recover() == 1)
        #expect(try await bench.lock("s") == running.number)
        #expect(try await bench.record("a")["status"] == "running")
        #expect(try await bench.record("a")["claim"] == running.number)
    }

    // MARK: - Leaving

    @Test func `a worker leaves only when nothing of it is left`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker(["p", "q"])
        try await bench.push(message("a"), to: "q")
        let claim = try await worker.claimOne(from: "q")
        #expect(try await worker.queue.leave() == 1)
        #expect(try await bench.send("ZSCORE", bench.keys.workers, worker.name).isNull == false)
        try await worker.settle(claim, as: .handBack(after: .zero, isInterruption: false))
        #expect(try await worker.queue.leave() == 0)
        #expect(try await bench.send("ZSCORE", bench.keys.workers, worker.name).isNull)
        #expect(try await !bench.exists(bench.keys.worker(worker.name)))
    }

    // MARK: - Looking at all

    @Test func `a worker sees all hearts, and that one beats on`() async throws {
        let bench = try await QueueBench.make()
        let first = try await bench.worker()
        let second = try await bench.worker()
        let before = try await second.survey().beats
        #expect(Set(before.keys) == [first.name, second.name])
        // A heart that is a millisecond old may beat within the same one.
        while try await second.survey().beats[first.name] == before[first.name] { _ = try await first.beat() }
        #expect(try await first.queue.leave() == 0)
        #expect(try await Set(second.survey().beats.keys) == [second.name])
    }

    @Test(arguments: ["gone", "done", "unset", "own"])
    func `a line that stands still is set going`(_ trouble: String) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("c"))
        let first = try await worker.claimOne()
        _ = try await worker.claim()
        try #require(try await bench.parked("s") == ["b", "c"])
        // As after a Redis that lost its last second.
        try await bench.expireLock(of: "s")
        switch trouble {
        case "gone": _ = try await bench.send("DEL", bench.keys.job(first.id))
        case "done": _ = try await bench.send("HSET", bench.keys.job(first.id), "status", "done")
        case "unset": _ = try await bench.send("DEL", bench.keys.turn("s"))
        default: _ = try await bench.send("SET", bench.keys.turn("s"), "b")
        }
        _ = try await worker.survey()
        #expect(try await bench.turn("s") == "b")
        #expect(try await bench.waitingIDs() == ["b"])
        #expect(try await bench.parked("s") == ["c"])
    }

    @Test func `a line whose job waits for its retry is left alone`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let first = try await worker.claimOne()
        _ = try await worker.claim()
        try await worker.settle(first, as: .retry(after: .seconds(60), error: "e", node: "n"))
        _ = try await worker.survey()
        #expect(try await bench.turn("s") == "a")
        #expect(try await bench.parked("s") == ["b"])
    }

    @Test func `rubbish in a line or among the scheduled holds nothing up`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let first = try await worker.claimOne()
        _ = try await worker.claim()
        _ = try await bench.send("LPUSH", bench.keys.parked("s"), "default rubbish")
        _ = try await bench.send("ZADD", bench.keys.scheduled, 1, "default more rubbish", 2, "x")
        let next = try await worker.settle(first, as: .done(result: []), takesNext: true).next
        #expect(next?.id == "b")
        #expect(try await worker.survey().moved == 2)
        let claims = try await worker.claim(4)
        #expect(claims.map(\.kind) == [.unreadable, .unreadable])
        #expect(
            Set(claims.map { String(decoding: $0.message, as: UTF8.self) }) == ["rubbish", "more rubbish"])
    }
}
