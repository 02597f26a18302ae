import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

@Suite struct SettlementTests {
    private let burial = Burial(reason: "failed", error: "no", node: "n")

    // MARK: - The turn

    @Test func `completing a job brings the session's next one in the same call`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("c"))
        let first = try await worker.claimOne()
        #expect(try await worker.claim().isEmpty)
        let settled = try await worker.settle(
            first, as: .done(result: Array(#"{"n":1}"#.utf8)), takesNext: true)
        let next = try #require(settled.next)
        #expect(next.id == "b" && next.session == "s" && next.kind == .job)
        #expect(try await bench.turn("s") == "b")
        #expect(try await bench.lock("s") == next.number)
        #expect(try await bench.parked("s") == ["c"])
        #expect(try await worker.processing() == [message("b")])
        #expect(try await bench.record("a")["result"] == #"{"n":1}"#)
        #expect(try await bench.notices(of: "a") == [#"{"id":"a","status":"done","result":{"n":1}}"#])
    }

    @Test func `without a wish for the next job it goes first into its queue`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let first = try await worker.claimOne()
        _ = try await worker.claim()
        try await bench.push(message("x", session: "t"))
        try await worker.settle(first, as: .done(result: []))
        #expect(try await bench.waitingIDs() == ["b", "x"])
        #expect(try await bench.turn("s") == "b")
        #expect(try await bench.lock("s") == nil)
    }

    @Test func `a parked job goes back to the queue that it came through`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker(["p", "q"])
        try await bench.push(message("a"), to: "p")
        let first = try await worker.claimOne(from: "p")
        try await bench.push(message("b"), to: "q")
        #expect(try await worker.claim(from: "q").isEmpty)
        let settled = try await worker.settle(first, as: .done(result: []), takesNext: true)
        #expect(settled.isSettled && settled.next == nil)
        #expect(try await bench.waitingIDs(in: "q") == ["b"])
        #expect(try await bench.turn("s") == "b")
        #expect(try await worker.claimOne(from: "q").id == "b")
    }

    @Test func `a retry keeps the turn, and later jobs stay behind it`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let other = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let first = try await worker.claimOne()
        try await worker.settle(first, as: .retry(after: .seconds(500), error: "boom", node: "n"))
        #expect(try await bench.turn("s") == "a")
        #expect(try await bench.lock("s") == nil)
        #expect(try await other.claim().isEmpty)
        #expect(try await bench.parked("s") == ["b"])
        let record = try await bench.record("a")
        #expect(record["status"] == "scheduled" && record["attempts"] == "1" && record["error"] == "boom")
        // Not before its time.
        #expect(try await worker.survey().moved == 0)
        try await bench.makeAllDue()
        #expect(try await worker.survey().moved == 1)
        let again = try await other.claimOne()
        #expect(again.id == "a" && again.attempts == 1)
        let next = try await other.settle(again, as: .done(result: []), takesNext: true).next
        #expect(next?.id == "b")
    }

    @Test func `a job that is handed back keeps its turn and its counters`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("x", session: "t"))
        try await worker.settle(
            try await worker.claimOne(), as: .handBack(after: .zero, isInterruption: false))
        #expect(try await bench.waitingIDs() == ["a", "x"])
        #expect(try await bench.turn("s") == "a")
        #expect(try await bench.lock("s") == nil)
        let again = try await worker.claimOne()
        #expect(again.id == "a" && again.attempts == 0 && again.crashes == 0)
    }

    @Test func `burying passes the turn on`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let first = try await worker.claimOne()
        _ = try await worker.claim()
        try await worker.settle(first, as: .bury(burial))
        #expect(try await bench.turn("s") == "b")
        #expect(try await bench.waitingIDs() == ["b"])
    }

    // MARK: - Not before its time

    @Test func `a job whose time has not come lets the others pass, and takes its place when it is due`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let due = try await worker.queue.time().advanced(by: .seconds(60))
        try await bench.push(message("late"), message("b"))
        let late = try await worker.claimOne()
        #expect(try await worker.claim().isEmpty)
        try await worker.settle(late, as: .postpone(until: due))
        #expect(try await bench.turn("s") == "b")
        let running = try await worker.claimOne()
        #expect(running.id == "b")
        try await bench.push(message("c"))
        try await bench.makeAllDue()
        // Due while another runs: behind that one, and before what comes later.
        _ = try await worker.survey()
        #expect(try await worker.claim().isEmpty)
        #expect(try await bench.parked("s") == ["late", "c"])
        #expect(try await worker.settle(running, as: .done(result: []), takesNext: true).next?.id == "late")
    }

    @Test func `jobs that are due at the same time keep their order, however late they are moved`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let due = try await worker.queue.time().advanced(by: .seconds(60))
        let ids = ["d", "a", "c", "b", "e"]
        for id in ids { try await bench.push(message(id)) }
        for id in ids {
            let claim = try await worker.claimOne()
            #expect(claim.id == id)
            try await worker.settle(claim, as: .postpone(until: due))
        }
        #expect(try await bench.scheduledIDs() == ids)
        try await bench.makeAllDue()
        _ = try await worker.survey()
        var claim: Claim? = try await worker.claimOne()
        var order: [String] = []
        while let now = claim {
            order.append(now.id)
            claim = try await worker.settle(now, as: .done(result: []), takesNext: true).next
        }
        #expect(order == ids)
    }

    @Test func `two postponed jobs run in the order of their times although both are due by now`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let now = try await worker.queue.time()
        try await bench.push(message("a"), message("b"))
        try await worker.settle(
            try await worker.claimOne(), as: .postpone(until: now.advanced(by: .seconds(50))))
        try await worker.settle(
            try await worker.claimOne(), as: .postpone(until: now.advanced(by: .seconds(60))))
        try await bench.makeAllDue()
        _ = try await worker.survey()
        #expect(try await worker.claimOne().id == "a")
        #expect(try await bench.parked("s") == ["b"])
    }

    @Test func `a claim goes on if the time has come while it was to be postponed`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        let settled = try await worker.settle(claim, as: .postpone(until: try await worker.queue.time()))
        #expect(settled.isDue)
        #expect(try await bench.lock("s") == claim.number)
        #expect(try await worker.settle(claim, as: .done(result: [])).isSettled)
    }

    // MARK: - Waiting for another worker

    @Test func `a job that nobody here can run waits with its turn, and not for ever`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        let waiting = Settlement.await(.seconds(5), patience: .seconds(60))
        #expect(try await worker.settle(claim, as: waiting).isSettled)
        #expect(try await bench.turn("s") == "a")
        try await bench.makeAllDue()
        _ = try await worker.survey()
        _ = try await bench.send("HINCRBY", bench.keys.job("a"), "waiting_since", -61_000)
        let again = try await worker.claimOne()
        #expect(try await worker.settle(again, as: waiting).isOutOfPatience)
        // The claim is as it was.
        #expect(try await bench.lock("s") == again.number)
        #expect(try await worker.settle(again, as: .bury(burial)).isSettled)
    }

    @Test func `patience starts anew once a worker could run the job`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        try await worker.settle(
            try await worker.claimOne(), as: .await(.milliseconds(1), patience: .seconds(60)))
        _ = try await bench.send("HINCRBY", bench.keys.job("a"), "waiting_since", -61_000)
        try await bench.makeAllDue()
        _ = try await worker.survey()
        // One that knows the flow had it, and the attempt failed.
        try await worker.settle(
            try await worker.claimOne(), as: .retry(after: .milliseconds(1), error: "e", node: "n"))
        try await bench.makeAllDue()
        _ = try await worker.survey()
        let settled = try await worker.settle(
            try await worker.claimOne(), as: .await(.seconds(5), patience: .seconds(60)))
        #expect(settled.isSettled)
    }

    // MARK: - Only the holder settles

    private static let settlements: [Settlement] = [
        .done(result: []), .retry(after: .seconds(1), error: "e", node: "n"),
        .handBack(after: .zero, isInterruption: false),
        .await(.seconds(1), patience: .seconds(9)),
        .postpone(until: Timestamp(microseconds: 4_000_000_000_000_000)),
        .bury(Burial(reason: "failed", error: "e")),
    ]

    @Test(arguments: settlements)
    func `a claim that was reaped is not settled, whoever has the job now`(_ settlement: Settlement)
        async throws
    {
        let bench = try await QueueBench.make()
        let dead = try await bench.worker()
        let other = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let claim = try await dead.claimOne()
        _ = try await other.reap(dead)
        let waiting = try await bench.everything()
        #expect(try await dead.settle(claim, as: settlement, takesNext: true).isRefused)
        #expect(try await bench.everything() == waiting)
        let successor = try await other.claimOne()
        let running = try await bench.everything()
        #expect(try await dead.settle(claim, as: settlement, takesNext: true).isRefused)
        #expect(try await bench.everything() == running)
        #expect(try await other.settle(successor, as: .done(result: [])).isSettled)
    }

    /// The worker has come back, and has the job again: the settling of its first claim is that of a stranger.
    @Test(arguments: settlements)
    func `a late settling does not end the same worker's later claim of the job`(_ settlement: Settlement)
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let other = try await bench.worker()
        try await bench.push(message("a"))
        let first = try await worker.claimOne()
        _ = try await other.reap(worker)
        try await worker.register()
        let second = try await worker.claimOne()
        #expect(try await worker.settle(first, as: settlement).isRefused)
        try await bench.expireLock(of: "s")
        let before = try await bench.everything()
        #expect(try await worker.settle(first, as: settlement).isRefused)
        #expect(try await bench.everything() == before)
        #expect(try await worker.settle(second, as: .done(result: [])).isSettled)
    }

    @Test(arguments: settlements)
    func `a claim whose lock has expired may still be settled while nobody else has the job`(
        _ settlement: Settlement
    )
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        try await bench.expireLock(of: "s")
        #expect(try await worker.settle(claim, as: settlement).isSettled)
        #expect(try await worker.processing().isEmpty)
    }

    // MARK: - Results

    @Test func `a result that is too large stays in the store`() async throws {
        var bench = try await QueueBench.make()
        bench.settings.maxResultBytes = 10
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b", session: "t"))
        try await worker.settle(try await worker.claimOne(), as: .done(result: Array("0123456789".utf8)))
        try await worker.settle(try await worker.claimOne(), as: .done(result: Array("01234567890".utf8)))
        #expect(try await bench.record("a")["result"] == "0123456789")
        let record = try await bench.record("b")
        #expect(record["result"] == "" && record["stored"] == "1")
        #expect(try await bench.notices(of: "b") == [#"{"id":"b","status":"done","stored":true}"#])
    }
}
