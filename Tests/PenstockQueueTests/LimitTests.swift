import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// Paused queues, and how many may run or start.
@Suite("Holding jobs back", .timeLimit(.minutes(1)))
struct LimitTests {
    private func heldBack(_ worker: TestWorker, from queue: QueueName = "default") async throws -> Duration? {
        guard case .heldBack(let wait) = try await worker.queue.claim(from: queue, upTo: 4) else {
            return nil
        }
        return wait
    }

    @Test func `nothing is claimed from a paused queue, and all of it after`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker(["default", "other"])
        #expect(try await bench.inspector.pause(queue: "default"))
        #expect(try await !bench.inspector.pause(queue: "default"))
        try await bench.push(message("a"))
        try await bench.push(message("b", session: "t"), to: "other")
        #expect(try await heldBack(worker) == .seconds(1))
        #expect(try await worker.claimOne(from: "other").id == "b")
        #expect(try await bench.inspector.queues().first { $0.name == "default" }?.isPaused == true)
        #expect(try await bench.inspector.resume(queue: "default"))
        #expect(try await worker.claimOne().id == "a")
    }

    @Test func `a session's next job is not handed on past a pause`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        let claim = try await worker.claim(2)
        _ = try await bench.inspector.pause(queue: "default")
        #expect(try await worker.settle(claim[0], as: .done(result: []), takesNext: true).next == nil)
        #expect(try await bench.waitingIDs() == ["b"])
    }

    @Test func `so many of a queue run at once, over all workers`() async throws {
        let bench = try await QueueBench.make()
        let (one, two) = (try await bench.worker(), try await bench.worker(name: "v"))
        try await bench.inspector.limit(.queue("default"), to: JobLimits(running: 3))
        for id in 1...5 { try await bench.push(message("\(id)", session: "\(id)")) }
        let first = try await one.claim(2)
        let second = try await two.claim(4)
        #expect(first.map(\.id) == ["1", "2"] && second.map(\.id) == ["3"])
        #expect(try await heldBack(one) != nil)
        try await two.settle(second[0], as: .done(result: []))
        #expect(try await one.claim(4).map(\.id) == ["4"])
        // A worker that dies leaves no place taken.
        _ = try await two.reap(one)
        #expect(try await two.claim(9).map(\.id) == ["1", "2", "4"])
        try await bench.inspector.limit(.queue("default"), to: JobLimits())
        #expect(try await two.claim(9).map(\.id) == ["5"])
    }

    @Test func `a job is known to wait for a paused queue, or for a place of its flow`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.inspector.limit(.flow("f"), to: JobLimits(running: 1))
        for id in ["a", "b"] { try await bench.push(message(id, session: id)) }
        #expect(try await worker.claim(2).map(\.id) == ["a"])
        func heldBack(_ id: JobID) async throws -> HeldBack? {
            try await bench.inspector.heldBack(try #require(try await bench.inspector.job(id)))
        }
        #expect(try await heldBack("a") == nil)
        #expect(try await heldBack("b") == .flowIsFull)
        _ = try await bench.inspector.pause(queue: "default")
        #expect(try await heldBack("b") == .queueIsPaused)
    }

    @Test func `so many of a queue start a second, evenly`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.inspector.limit(.queue("default"), to: JobLimits(rate: 0.5))
        for id in 1...3 { try await bench.push(message("\(id)", session: "\(id)")) }
        #expect(try await worker.claim(3).map(\.id) == ["1"])
        let wait = try #require(try await heldBack(worker))
        #expect(wait > .zero && wait <= .seconds(2))
        // As two seconds later.
        let bucket = bench.keys.prefix + "rate:queue:default"
        let at = try #require(try await bench.send("HGET", bucket, "at").asInt)
        _ = try await bench.send("HSET", bucket, "at", at - 2000)
        #expect(try await worker.claim(3).map(\.id) == ["2"])
    }

    @Test func `jobs of a flow that is full step aside and keep their order`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.inspector.limit(.flow("f"), to: JobLimits(running: 1))
        for id in 1...4 { try await bench.push(message("\(id)", session: "\(id)")) }
        try await bench.push(message("5", session: "2"), message("g", session: "g", flow: "g"))
        let claims = try await worker.claim(4)
        #expect(claims.map(\.id) == ["1", "g"])
        #expect(try await bench.inspector.jobsOutsideQueues().held == 3)
        #expect(try await bench.parked("2") == ["5"])
        // Each end lets in the next.
        var running = claims[0]
        for id in ["2", "3", "4", "5"] {
            let settled = try await worker.settle(running, as: .done(result: []), takesNext: true)
            #expect(settled.next == nil)
            running = try #require(try await worker.claim(4).first)
            #expect(running.id == id)
        }
        try await worker.settle(running, as: .done(result: []))
        #expect(try await bench.inspector.jobsOutsideQueues().held == 0)
    }

    @Test func `a retry frees its flow's place and comes back in front of its flow`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.inspector.limit(.flow("f"), to: JobLimits(running: 1))
        for id in 1...3 { try await bench.push(message("\(id)", session: "\(id)")) }
        let first = try await worker.claimOne()
        #expect(try await worker.claim(3).isEmpty)
        try await worker.settle(first, as: .retry(after: .seconds(9), error: "again", node: "n"))
        let second = try await worker.claimOne()
        #expect(second.id == "2")
        try await bench.makeAllDue()
        _ = try await worker.survey()
        #expect(try await worker.claim(3).isEmpty)
        try await worker.settle(second, as: .done(result: []))
        #expect(try await worker.claimOne().id == "1")
    }

    @Test func `what was held is let in when the limit is taken away`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.inspector.limit(.flow("f"), to: JobLimits(running: 1))
        for id in 1...3 { try await bench.push(message("\(id)", session: "\(id)")) }
        #expect(try await worker.claim(3).count == 1)
        try await bench.inspector.limit(.flow("f"), to: JobLimits())
        _ = try await worker.survey()
        #expect(try await worker.claim(3).map(\.id) == ["2", "3"])
        #expect(try await bench.inspector.limits(of: .flow("f")).isNone)
        // Nothing of it is left behind.
        #expect(try await bench.send("KEYS", bench.keys.prefix + "running:*").asArray == [])
    }

    @Test func `a lost reply to a claim takes no second place`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.inspector.limit(.queue("default"), to: JobLimits(running: 2))
        for id in 1...3 { try await bench.push(message("\(id)", session: "\(id)")) }
        let call = worker.calls.claim(from: "default", upTo: 1)
        for _ in 1...2 {
            guard case .claimed(let claims, 2, _) = try await call.send(over: bench.client) else {
                Issue.record("not claimed")
                return
            }
            #expect(claims.map(\.id) == ["1"])
        }
        #expect(try await worker.claim(3).map(\.id) == ["2"])
    }

    @Test func `a bucket is full for a clock that was set back, and is kept as long as it takes to fill`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.inspector.limit(.queue("default"), to: JobLimits(rate: 0.005))
        for id in 1...2 { try await bench.push(message("\(id)", session: "\(id)")) }
        #expect(try await worker.claim(2).map(\.id) == ["1"])
        let bucket = bench.keys.prefix + "rate:queue:default"
        #expect(try await bench.send("TTL", bucket).asInt ?? 0 > 199)
        let at = try #require(try await bench.send("HGET", bucket, "at").asInt)
        _ = try await bench.send("HSET", bucket, "at", at + 3_600_000)
        #expect(try await worker.claim(2).map(\.id) == ["2"])
    }

    /// A flow of which one may run: job 1 runs, job 2 waits for its place in the queue `a`, and job 3 in `b`.
    private func twoQueues(_ bench: QueueBench) async throws -> (worker: TestWorker, running: Claim) {
        let worker = try await bench.worker(["a", "b"])
        try await bench.inspector.limit(.flow("f"), to: JobLimits(running: 1))
        for (id, queue) in [("1", "a"), ("2", "a"), ("3", "b")] as [(String, QueueName)] {
            try await bench.push(message(id, session: id), to: queue)
        }
        let claims = try await worker.claim(2, from: "a")
        #expect(claims.map(\.id) == ["1"])
        #expect(try await worker.claim(2, from: "b").isEmpty)
        return (worker, claims[0])
    }

    @Test func `what waits in a paused queue keeps no other queue's jobs from their flow`() async throws {
        let bench = try await QueueBench.make()
        let (worker, first) = try await twoQueues(bench)
        _ = try await bench.inspector.pause(queue: "a")
        try await worker.settle(first, as: .done(result: []))
        let third = try await worker.claimOne(from: "b")
        #expect(third.id == "3")
        _ = try await bench.inspector.resume(queue: "a")
        try await worker.settle(third, as: .done(result: []))
        #expect(try await worker.claimOne(from: "a").id == "2")
    }

    @Test func `a place is kept for some seconds for one that nobody comes to claim`() async throws {
        let bench = try await QueueBench.make()
        let (worker, first) = try await twoQueues(bench)
        try await worker.settle(first, as: .done(result: []))
        #expect(try await bench.waitingIDs(in: "a") == ["2"])
        #expect(try await worker.claim(from: "b").isEmpty)
        // As ten seconds later.
        _ = try await bench.send("ZINCRBY", bench.keys.prefix + "admitted:f", -10_000, "2")
        let third = try await worker.claimOne(from: "b")
        #expect(third.id == "3")
        #expect(try await worker.claim(from: "a").isEmpty)
        try await worker.settle(third, as: .done(result: []))
        #expect(try await worker.claimOne(from: "a").id == "2")
    }

    @Test func `of one that was let back and purged nothing is left a day later`() async throws {
        let bench = try await QueueBench.make()
        let (worker, first) = try await twoQueues(bench)
        try await worker.settle(first, as: .done(result: []))
        #expect(try await bench.inspector.purge("a") == 1)
        let admitted = bench.keys.prefix + "admitted:f"
        #expect(try await bench.exists(admitted))
        // As two days later.
        _ = try await bench.send("ZINCRBY", admitted, -172_800_000, "2")
        #expect(try await worker.claimOne(from: "b").id == "3")
        #expect(try await !bench.exists(admitted))
    }

    @Test func `what waits for a place of its flow counts among those that wait, and is purged with them`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.inspector.limit(.flow("f"), to: JobLimits(running: 1))
        try await bench.inspector.limit(.queue("default"), to: JobLimits(waiting: 3))
        for id in 1...3 { try await bench.push(message("\(id)", session: "\(id)")) }
        let claims = try await worker.claim(4)
        #expect(claims.map(\.id) == ["1"])
        #expect(try await bench.inspector.waiting(in: "default") == 2)
        func enqueue(_ id: JobID) async throws -> Enqueued {
            var job = Job("f")
            job.id = id
            return try await bench.inspector.enqueue(try CheckedJob(job, maxBytes: 1000), to: "default")
        }
        #expect(try await enqueue("4") == .new)
        #expect(try await enqueue("5") == .full(waiting: 3))
        #expect(try await bench.inspector.purge("default") == 3)
        for id in ["2", "3", "4"] { #expect(try await bench.record(id)["status"] == "cancelled") }
        #expect(try await bench.inspector.jobsOutsideQueues().held == 0)
        #expect(try await !bench.exists(bench.keys.prefix + "held_in"))
        try await worker.settle(claims[0], as: .done(result: []))
        #expect(try await worker.claim(4).isEmpty)
    }
}
