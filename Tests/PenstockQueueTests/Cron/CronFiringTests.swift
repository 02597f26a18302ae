import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

@Suite("Cron occurrences, each fired once", .timeLimit(.minutes(1)))
struct CronFiringTests {
    @Test func `an occurrence that has come makes one job, named after it`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.addCron()
        #expect(try await worker.survey().hasDueCron == false)
        #expect(try await worker.tick() == [])
        let occurrence = try await bench.makeCronDue(minutesAgo: 0)
        #expect(try await worker.survey().hasDueCron)
        #expect(try await worker.tick() == ["cron:c:\(occurrence.idText)"])
        #expect(try await worker.survey().hasDueCron == false)
        #expect(try await bench.waitingIDs() == ["cron:c:\(occurrence.idText)"])
        let standing = try await bench.inspector.cron("c")
        #expect(standing?.last == occurrence)
        #expect(standing?.lastJob == "cron:c:\(occurrence.idText)")
        #expect(try #require(standing?.next) > occurrence)
        let job = try await bench.record("cron:c:\(occurrence.idText)")
        #expect(job["status"] == "waiting")
        #expect(job["session"] == "cron:c:\(occurrence.idText)")
        let claim = try await worker.claimOne()
        #expect(claim.id == "cron:c:\(occurrence.idText)")
    }

    @Test func `many workers fire every occurrence once`() async throws {
        let bench = try await QueueBench.make()
        var workers: [TestWorker] = []
        for index in 0..<8 {
            // Each over a connection of its own.
            let own = QueueBench(client: RedisClient(bench.client.address), keys: bench.keys)
            workers.append(try await own.worker(name: "w\(index)"))
        }
        for name: CronName in ["a", "b", "c"] {
            try await bench.addCron(name, "* * * * *", catchUp: .all)
            try await bench.makeCronDue(name.text, minutesAgo: 40)
        }
        let made = try await withThrowingTaskGroup(of: [String].self) { group in
            for worker in workers {
                group.addTask {
                    var made: [String] = []
                    while try await !worker.dueCrons().entries.isEmpty { made += try await worker.tick() }
                    return made
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(made).count == made.count)
        #expect(try await bench.waitingIDs().sorted() == made.sorted())
        // A minute may have begun meanwhile.
        #expect((41 * 3...42 * 3).contains(made.count))
        for name in ["a", "b", "c"] {
            let own = try await bench.waitingIDs().filter { $0.hasPrefix("cron:\(name):") }
            #expect(own == own.sorted())
        }
    }

    @Test func `a step whose reply was lost answers the same, and fires once`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.addCron()
        try await bench.makeCronDue(minutesAgo: 0)
        let due = try await worker.dueCrons()
        let entry = try #require(due.entries.first)
        let step = try #require(
            try CronPlan(entry, now: due.now, maxMessageBytes: 1 << 20).steps.first)
        let call = worker.calls.cronFire(step, of: entry)
        #expect(try await call.send(over: bench.client) == .fired)
        let after = try await bench.cronContents()
        #expect(try await call.send(over: bench.client) == .fired)
        #expect(try await bench.cronContents() == after)
        // A tick that begins anew, here or elsewhere, finds that it was made.
        let other = try await bench.worker(name: "v")
        #expect(try await worker.calls.cronFire(step, of: entry).send(over: bench.client) == .overtaken)
        #expect(try await other.calls.cronFire(step, of: entry).send(over: bench.client) == .overtaken)
        #expect(try await bench.waitingIDs().count == 1)
    }

    @Test func `a job that is known by its id is not made again`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.addCron()
        let occurrence = try await bench.makeCronDue(minutesAgo: 0)
        _ = try await worker.tick()
        _ = try await bench.makeCronDue(minutesAgo: 0)
        let due = try await worker.dueCrons()
        #expect(try await worker.tick().contains("cron:c:\(occurrence.idText)") == false)
        #expect(due.entries.count == 1)
        #expect(try await worker.dueCrons().entries.isEmpty)
        // Nor one that somebody enqueued under it.
        let next = try await bench.makeCronDue(minutesAgo: 1)
        try await bench.enqueue(JobID(unchecked: "cron:c:\(next.idText)"), to: "elsewhere")
        #expect(try await worker.tick().contains("cron:c:\(next.idText)") == false)
    }

    @Test func `what was paused, changed or removed since it was seen due does not fire`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        for change in ["pause", "replace", "remove"] {
            try await bench.addCron(replaces: true)
            _ = try await bench.inspector.resume("c")
            try await bench.makeCronDue(minutesAgo: 0)
            let due = try await worker.dueCrons()
            let entry = try #require(due.entries.first)
            let plan = try CronPlan(entry, now: due.now, maxMessageBytes: 1 << 20)
            switch change {
            case "pause": #expect(try await bench.inspector.pause("c") == true)
            case "replace": #expect(try await bench.addCron("c", "*/2 * * * *", replaces: true) == .changed)
            default: #expect(try await bench.inspector.remove("c"))
            }
            let step = try #require(plan.steps.first)
            #expect(try await worker.calls.cronFire(step, of: entry).send(over: bench.client) == .overtaken)
        }
        #expect(try await bench.waiting().isEmpty)
        #expect(try await bench.exists(bench.keys.cron("c")) == false)
        #expect(try await bench.cronScore() == nil)
    }

    @Test func `nothing is written where the queue is no list`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.addCron()
        try await bench.makeCronDue(minutesAgo: 0)
        _ = try await bench.send("SET", bench.keys.queue("default"), "text")
        let before = try await bench.cronRecord()
        await #expect(throws: QueueError.self) { try await worker.tick() }
        #expect(try await bench.cronRecord() == before)
    }

    @Test func `an entry that cannot be read is put off, and keeps its occurrence`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.addCron()
        let occurrence = try await bench.makeCronDue(minutesAgo: 0)
        _ = try await bench.send(
            "HSET", bench.keys.cron("c"), "definition", #"{"cron":"* * * * *","zone":"Mars/X","flow":"f"}"#)
        let due = try await worker.dueCrons()
        let entry = try #require(due.entries.first)
        let fault = #expect(throws: CronFault.self) {
            try CronPlan(entry, now: due.now, maxMessageBytes: 1 << 20)
        }
        let sentence = try #require(fault?.description)
        #expect(
            try await worker.calls.cronDefer(entry, for: .seconds(60), because: sentence).send(
                over: bench.client))
        #expect(try await worker.dueCrons().entries.isEmpty)
        let record = try await bench.cronRecord()
        #expect(record["next"] == "\(occurrence.microseconds / 1000)")
        #expect(record["error"]?.contains("Mars/X") == true)
        #expect(try await bench.inspector.cron("c")?.error == sentence)
    }

    @Test func `a name without an entry, and an early one, are put right`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.addCron("early")
        _ = try await bench.send("ZADD", bench.keys.cron, 1000, "early")
        _ = try await bench.send("ZADD", bench.keys.cron, 1000, "gone")
        #expect(try await worker.dueCrons().entries.isEmpty)
        #expect(try await worker.survey().hasDueCron == false)
        #expect(try await bench.cronScore("gone") == nil)
        #expect(try await bench.cronScore("early") == bench.cronRecord("early")["next"])
    }
}
