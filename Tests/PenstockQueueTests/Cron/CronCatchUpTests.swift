import PenstockModel
import PenstockQueue
import Testing

@Suite("Cron occurrences that were missed", .timeLimit(.minutes(1)))
struct CronCatchUpTests {
    /// Slots of an hourly entry, the first of which stands there as the next.
    private func plan(
        _ catchUp: CronEntry.CatchUp, _ expression: String = "0 * * * *", first: String, now: String
    ) async throws -> CronPlan {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.addCron("c", expression, catchUp: catchUp)
        try await bench.makeCronDue(minutesAgo: 1)
        // By a clock of the test's own from here on.
        let occurrence = try #require(Timestamp(first))
        _ = try await bench.send("HSET", bench.keys.cron("c"), "next", occurrence.microseconds / 1000)
        _ = try await bench.send("ZADD", bench.keys.cron, occurrence.microseconds / 1000, "c")
        let due = try #require(try await worker.dueCrons().entries.first)
        return try CronPlan(due, now: try #require(Timestamp(now)), maxMessageBytes: 1 << 20)
    }

    private func occurrences(_ plan: CronPlan) -> [String] { plan.steps.compactMap { $0.occurrence?.idText } }

    @Test func `last makes one job, for the latest`() async throws {
        let plan = try await plan(.last, first: "2026-01-02T03:00:00Z", now: "2026-01-02T07:30:00Z")
        #expect(occurrences(plan) == ["20260102T0700Z"])
        #expect(plan.skipped?.idText == "20260102T0300Z")
    }

    @Test func `none makes no job, and goes on with the next`() async throws {
        let plan = try await plan(.none, first: "2026-01-02T03:00:00Z", now: "2026-01-02T07:30:00Z")
        #expect(occurrences(plan) == [])
        #expect(plan.steps.count == 1)
        #expect(plan.skipped?.idText == "20260102T0300Z")
    }

    @Test(arguments: CronEntry.CatchUp.allCases)
    func `an occurrence that is seen within a minute was not missed`(_ catchUp: CronEntry.CatchUp)
        async throws
    {
        let plan = try await plan(catchUp, first: "2026-01-02T03:00:00Z", now: "2026-01-02T03:01:00Z")
        #expect(occurrences(plan) == ["20260102T0300Z"])
        #expect(plan.skipped == nil)
    }

    @Test func `none makes a job for the latest if that was not missed`() async throws {
        let plan = try await plan(.none, first: "2026-01-02T03:00:00Z", now: "2026-01-02T07:00:12Z")
        #expect(occurrences(plan) == ["20260102T0700Z"])
        #expect(plan.skipped?.idText == "20260102T0300Z")
    }

    @Test func `all makes a job for each, in their order`() async throws {
        let plan = try await plan(.all, first: "2026-01-02T03:00:00Z", now: "2026-01-02T06:30:00Z")
        #expect(
            occurrences(plan) == ["20260102T0300Z", "20260102T0400Z", "20260102T0500Z", "20260102T0600Z"])
        #expect(plan.skipped == nil)
    }

    @Test func `all makes a hundred jobs at most, the latest`() async throws {
        let plan = try await plan(
            .all, "* * * * *", first: "2025-01-02T03:00:00Z", now: "2026-01-02T06:30:00Z")
        #expect(plan.steps.count == CronPlan.mostCaughtUp)
        #expect(occurrences(plan).first == "20260102T0451Z")
        #expect(occurrences(plan).last == "20260102T0630Z")
        #expect(plan.skipped?.idText == "20250102T0300Z")
    }

    @Test func `in Redis, each policy leaves the entry at an occurrence to come`() async throws {
        for (catchUp, count) in [(CronEntry.CatchUp.none, 0...1), (.last, 1...1), (.all, 100...101)] {
            let bench = try await QueueBench.make()
            let worker = try await bench.worker()
            try await bench.addCron("c", "*/2 * * * *", catchUp: catchUp)
            try await bench.makeCronDue(minutesAgo: 1000)
            let before = try await bench.inspector.serverTime()
            let made = try await worker.tick()
            #expect(count.contains(made.count), "\(catchUp)")
            #expect(try await bench.waitingIDs() == made)
            // Whatever minute has begun since.
            #expect(try #require(try await bench.inspector.cron("c")?.next) > before)
        }
    }
}
