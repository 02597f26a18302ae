import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// Unique jobs, and jobs that would rather not wait for their session.
@Suite("Jobs that are not accepted", .timeLimit(.minutes(1)))
struct AdmissionTests {
    private func unique(_ id: String, session: String? = nil) -> String {
        #"{"flow":"f","session_id":"\#(session ?? id)","id":"\#(id)","unique_key":"k \"1\""}"#
    }

    private func rejecting(_ id: String) -> String {
        #"{"flow":"f","session_id":"s","id":"\#(id)","on_busy":"reject"}"#
    }

    private func job(_ id: JobID, _ change: (inout Job) -> Void) throws -> CheckedJob {
        var job = Job("f")
        job.id = id
        change(&job)
        return try CheckedJob(job, maxBytes: 1000)
    }

    @Test func `a second job with a unique key is not enqueued until the first has ended`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        func enqueue(_ id: JobID) async throws -> Enqueued {
            try await bench.inspector.enqueue(job(id) { $0.uniqueKey = "k" }, to: "default")
        }
        #expect(try await enqueue("a") == .new)
        #expect(try await enqueue("b") == .duplicate(of: "a"))
        #expect(try await bench.record("b").isEmpty)
        let claim = try await worker.claimOne()
        #expect(try await enqueue("b") == .duplicate(of: "a"))
        try await worker.settle(claim, as: .retry(after: .zero, error: "again", node: "n"))
        #expect(try await enqueue("b") == .duplicate(of: "a"))
        try await bench.makeAllDue()
        _ = try await worker.survey()
        try await worker.settle(worker.claimOne(), as: .done(result: []))
        #expect(try await !bench.exists(bench.keys.unique("k")))
        #expect(try await enqueue("b") == .new)
        // One that is done is not new: its result is given again.
        #expect(try await enqueue("a") == .known(status: "done"))
    }

    @Test func `a pushed job that loses ends cancelled and names the other`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(unique("a"), unique("b"), message("c"))
        let claims = try await worker.claim(3)
        #expect(claims.map(\.id) == ["a", "c"])
        #expect(try await bench.record("b")["status"] == "cancelled")
        let sentence = #"job a, which has not ended, has the unique key "k "1"""#
        #expect(try await bench.record("b")["error"] == sentence)
        #expect(
            try await bench.notices(of: "b").first?.contains(#""status":"cancelled","reason":"duplicate""#)
                == true)
        #expect(try await bench.send("TTL", bench.keys.job("b")).asInt ?? 0 > 0)
        #expect(try await bench.turn("b") == nil)
        #expect(try await worker.processing().count == 2)
    }

    @Test func `a copy of a job that was refused stays refused for the same reason`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(unique("a"), unique("b"), unique("b"))
        #expect(try await worker.claim(3).map(\.id) == ["a"])
        let record = try await bench.record("b")
        #expect(record["status"] == "cancelled")
        let sentence = #"job a, which has not ended, has the unique key "k "1"""#
        #expect(record["error"] == sentence)
        let notices = try await bench.notices(of: "b")
        #expect(notices.allSatisfy { $0.contains(#""status":"cancelled","reason":"duplicate""#) })
        #expect(try await bench.send("TTL", bench.keys.job("b")).asInt ?? 0 > 0)
        #expect(try await bench.turn("b") == nil)
        #expect(try await worker.processing().count == 1)
    }

    @Test func `a copy of a job that was refused is not parked where its session is busy`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(unique("a"), message("c", session: "s"))
        try await bench.push(unique("b", session: "s"), unique("b", session: "s"))
        let claims = try await worker.claim(4)
        #expect(claims.map(\.id) == ["a", "c"])
        #expect(try await bench.parked("s").isEmpty)
        for claim in claims { try await worker.settle(claim, as: .done(result: [])) }
        #expect(try await worker.claim(4).isEmpty)
        #expect(try await bench.record("b")["status"] == "cancelled")
    }

    @Test(arguments: [
        Settlement.done(result: []), .cancelled(reason: "no"), .bury(Burial(reason: "failed", error: "no")),
    ])
    func `every end frees the key`(_ end: Settlement) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(unique("a"))
        try await worker.settle(worker.claimOne(), as: end)
        try await bench.push(unique("b"))
        #expect(try await worker.claimOne().id == "b")
    }

    @Test func `a copy that has a key leaves the job alone that runs without it`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), unique("b"))
        let claims = try await worker.claim(2)
        #expect(claims.map(\.id) == ["a", "b"])
        try await bench.push(unique("a", session: "s"))
        #expect(try await worker.claim().isEmpty)
        #expect(try await bench.record("a")["status"] == "running")
        #expect(try await bench.notices(of: "a").isEmpty)
        #expect(try await bench.turn("s") == "a")
    }

    @Test func `a dead job whose copy loses the key stays among the dead, and can be sent again`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(unique("a"))
        try await worker.settle(worker.claimOne(), as: .bury(Burial(reason: "failed", error: "no")))
        try await bench.push(unique("b"), unique("a"))
        let claims = try await worker.claim(2)
        #expect(claims.map(\.id) == ["b"])
        #expect(try await bench.record("a")["status"] == "dead")
        #expect(try await bench.notices(of: "a").first?.contains(#""reason":"duplicate""#) == true)
        #expect(try await bench.inspector.exhume("a") == .duplicate(of: "b"))
        try await worker.settle(claims[0], as: .done(result: []))
        #expect(try await bench.inspector.exhume("a") == .sent)
        #expect(try await worker.claimOne().id == "a")
    }

    @Test func `a job that is done stays done, whatever becomes of its copy`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(unique("a"), unique("a"))
        let claims = try await worker.claim(2)
        #expect(claims.count == 1)
        // Its copy moves on to the queue.
        try await worker.settle(claims[0], as: .done(result: []))
        #expect(try await bench.record("a")["status"] == "done")
        #expect(try await bench.waitingIDs() == ["a"])
        let other = try await bench.inspector.enqueue(job("b") { $0.uniqueKey = #"k "1""# }, to: "default")
        #expect(other == .new)
        #expect(try await worker.claimOne().id == "a")
        let notices = try await bench.notices(of: "a")
        #expect(notices.count == 1 && notices[0].contains(#""status":"done""#))
    }

    @Test func `a key outlives no record of the job that held it`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        _ = try await bench.send("SET", bench.keys.unique(#"k "1""#), "forgotten")
        try await bench.push(unique("a"))
        #expect(try await worker.claimOne().id == "a")
    }

    @Test func `a crash keeps the key, a purge frees it`() async throws {
        let bench = try await QueueBench.make()
        let (worker, heir) = (try await bench.worker(), try await bench.worker(name: "heir"))
        try await bench.push(unique("a"))
        _ = try await worker.claimOne()
        _ = try await heir.reap(worker)
        try await bench.push(unique("b"))
        #expect(try await heir.claim(2).map(\.id) == ["a"])
        let purged = try await QueueBench.make()
        _ = try await purged.inspector.enqueue(job("a") { $0.uniqueKey = "k" }, to: "default")
        _ = try await purged.inspector.purge("default")
        #expect(try await !purged.exists(purged.keys.unique("k")))
    }

    @Test func `a buried job whose key is another's stays buried`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(unique("a"))
        try await worker.settle(worker.claimOne(), as: .bury(Burial(reason: "failed", error: "no")))
        try await bench.push(unique("b"))
        let other = try await worker.claimOne()
        #expect(try await bench.inspector.exhume("a") == .duplicate(of: "b"))
        #expect(try await bench.deadNames() == ["a"])
        try await worker.settle(other, as: .done(result: []))
        #expect(try await bench.inspector.exhume("a") == .sent)
        try await bench.push(unique("c"))
        #expect(try await worker.claim(2).map(\.id) == ["a"])
    }

    @Test func `a job that would rather not wait ends when its session is busy`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), rejecting("b"), message("c"))
        let claims = try await worker.claim(3)
        #expect(claims.map(\.id) == ["a"])
        #expect(try await bench.record("b")["status"] == "cancelled")
        #expect(try await bench.record("b")["error"] == "session s is busy with job a")
        #expect(try await bench.parked("s") == ["c"])
        let early = try job("d") {
            $0.session = "s"
            $0.onBusy = .reject
        }
        #expect(try await bench.inspector.enqueue(early, to: "default") == .busy(with: "a"))
        #expect(try await bench.record("d").isEmpty)
    }

    @Test func `one that has begun waits like any other`() async throws {
        let bench = try await QueueBench.make()
        let (worker, heir) = (try await bench.worker(), try await bench.worker(name: "heir"))
        try await bench.push(rejecting("a"))
        let claim = try await worker.claimOne()
        _ = try await heir.reap(worker)
        // The lock is not free yet, as after a hand-back that lost its race.
        _ = try await bench.send("SET", bench.keys.lock("s"), claim.number)
        #expect(try await heir.claim().isEmpty)
        #expect(try await bench.parked("s") == ["a"])
    }

    @Test func `a copy of one that has ended is not refused, though its session is busy`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(rejecting("a"))
        try await worker.settle(worker.claimOne(), as: .done(result: Array("1".utf8)))
        try await bench.push(message("b"), rejecting("a"))
        let holder = try await worker.claim(2)
        #expect(holder.map(\.id) == ["b"])
        #expect(try await bench.record("a")["status"] == "done")
        try await worker.settle(holder[0], as: .done(result: []))
        #expect(try await worker.claimOne().id == "a")
    }

    @Test func `an attempt that comes due after a copy of its job has ended is not refused`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(rejecting("a"), rejecting("a"))
        let first = try await worker.claimOne()
        try await worker.settle(first, as: .retry(after: .seconds(60), error: "again", node: "n"))
        try await worker.settle(worker.claimOne(), as: .done(result: Array("1".utf8)))
        try await bench.push(message("b"))
        let holder = try await worker.claimOne()
        try await bench.makeAllDue()
        _ = try await worker.survey()
        #expect(try await bench.record("a")["status"] == "done")
        #expect(try await bench.parked("s") == ["a"])
        try await worker.settle(holder, as: .done(result: []))
        #expect(try await worker.claimOne().id == "a")
    }

    @Test func `what waits beyond a queue's bound is refused`() async throws {
        let bench = try await QueueBench.make()
        try await bench.inspector.limit(.queue("default"), to: JobLimits(waiting: 2))
        let jobs = try ["a", "b", "c"].map { try job(JobID(checking: $0)) { _ in } }
        #expect(
            try await bench.inspector.enqueue(jobs, to: "default") == [.new, .new, .full(waiting: 2)])
        #expect(try await bench.waitingIDs() == ["a", "b"])
        #expect(try await bench.record("c").isEmpty)
        #expect(
            try await bench.inspector.enqueue(jobs, to: "other") == [
                .known(status: "waiting"), .known(status: "waiting"), .new,
            ])
    }

    @Test func `of jobs that are pushed together, as many are as may wait`() async throws {
        let bench = try await QueueBench.make()
        try await bench.inspector.limit(.queue("default"), to: JobLimits(waiting: 3))
        let jobs = try (0..<2).map { _ in try CheckedJob(Job("f"), maxBytes: 1000) }
        #expect(try await bench.inspector.enqueue(jobs, to: "default") == [.new, .new])
        #expect(try await bench.inspector.enqueue(jobs, to: "default") == [.new, .full(waiting: 3)])
        #expect(
            try await bench.inspector.enqueue(jobs, to: "default") == [
                .full(waiting: 3), .full(waiting: 3),
            ])
        #expect(try await bench.waitingIDs() == [jobs[0], jobs[1], jobs[0]].map(\.id.text))
        try await bench.inspector.limit(.queue("default"), to: JobLimits(waiting: 1))
        #expect(try await bench.inspector.enqueue([jobs[0]], to: "default") == [.full(waiting: 3)])
    }

    @Test func `whoever waits for a message that cannot be read is told, by the id that it has`() async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(#"{"id":"mine","flow":"f","session_id":"ada@example.org"}"#)
        let claim = try await worker.claimOne()
        #expect(claim.kind == .unreadable && claim.id == "mine")
        try await worker.settle(claim, as: .bury(Burial(reason: "refused", error: "no")))
        #expect(try await bench.notices(of: "mine").count == 1)
        #expect(try await bench.record("mine").isEmpty)
    }
}
