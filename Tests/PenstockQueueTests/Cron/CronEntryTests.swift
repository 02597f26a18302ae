import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

@Suite("Cron entries", .timeLimit(.minutes(1)))
struct CronEntryTests {
    private func entry(_ json: JSON) throws -> CronEntry {
        try CronEntry("c", reading: try #require(json.object), maxMessageBytes: 1 << 20)
    }

    @Test func `what a file says comes back as it was`() throws {
        let json: JSON = [
            "cron": "30 2 * * MON-FRI", "zone": "Europe/Berlin", "queue": "slow", "catch_up": "all",
            "flow": "report", "session_id": "s", "input": ["a": 1.0], "max_attempts": 3,
            "timeout_seconds": 2.5, "metadata": ["by": "me"],
        ]
        let entry = try entry(json)
        #expect(JSON(entry.json) == json)
        let job = try entry.job(at: try #require(Timestamp("2026-01-02T03:04:00Z")), maxBytes: 1 << 20)
        #expect(
            try JSON(parsing: job.bytes) == [
                "flow": "report", "id": "cron:c:20260102T0304Z", "session_id": "s", "input": ["a": 1.0],
                "max_attempts": 3, "timeout_seconds": 2.5, "metadata": ["by": "me"],
            ])
    }

    @Test func `what is left out has a default`() throws {
        #expect(
            JSON(try entry(["cron": "@daily", "flow": "f"]).json) == [
                "cron": "@daily", "zone": "UTC", "queue": "default", "catch_up": "last", "flow": "f",
            ])
    }

    @Test(arguments: [
        (#"{"flow":"f"}"#, #"there is no "cron": when to make a job"#),
        (#"{"cron":"@daily"}"#, #"there is no "flow": which flow to run"#),
        (#"{"cron":"@daily","flow":"f","zoen":"UTC"}"#, #"the key "zoen" is unknown; did you mean "zone"?"#),
        (#"{"cron":5,"flow":"f"}"#, #""cron" is a string, not an integer"#),
        (#"{"cron":"0 0 30 2 *","flow":"f"}"#, "an expression has to come true some day"),
        (
            #"{"cron":"@daily","flow":"f","catch_up":"al"}"#,
            #"what is caught up is none, last or all, not "al""#
        ),
        (#"{"cron":"@daily","flow":"f","max_attempts":0}"#, #""max_attempts" is an integer of at least 1"#),
        (#"{"cron":"@daily","flow":"f","input":[]}"#, #""input" is an object or null, not []"#),
        (#"{"cron":"@daily","flow":"f g"}"#, #""flow": a flow name is 1 to 100"#),
    ])
    func `what is wrong is refused with a sentence`(_ text: String, _ start: String) throws {
        let json = try JSON(parsing: text)
        let fault = #expect(throws: CronFault.self) { try entry(json) }
        #expect(fault?.description.hasPrefix(start) == true, "\(fault?.description ?? "")")
    }

    @Test func `an entry is added once, and changed when that is wanted`() async throws {
        let bench = try await QueueBench.make()
        #expect(try await bench.addCron("c", "@daily") == .added)
        #expect(try await bench.addCron("c", "@daily") == .kept)
        #expect(try await bench.addCron("c", "@daily", replaces: true) == .unchanged)
        // What does not touch the times keeps the next occurrence, even one that has just come.
        let occurrence = try await bench.makeCronDue(minutesAgo: 3)
        #expect(try await bench.addCron("c", "@daily", catchUp: .all, replaces: true) == .changed)
        #expect(try await bench.inspector.cron("c")?.next == occurrence)
        #expect(try await bench.addCron("c", "@hourly", catchUp: .all, replaces: true) == .changed)
        let now = try await bench.inspector.serverTime()
        #expect(try #require(try await bench.inspector.cron("c")?.next) > now)
    }

    @Test func `messages that the scripts cannot read are refused when the entry is added`() async throws {
        let bench = try await QueueBench.make()
        var job = Job("f")
        job.input = try JSON(parsing: #"{"half":"\ud800"}"#).object
        let entry = try CronEntry("c", CronSchedule(try CronExpression("@daily")), job)
        #expect(try await bench.inspector.add(entry, replaces: false) == .unreadable)
        #expect(try await bench.everything().isEmpty)
    }

    @Test func `a paused entry is never due, and goes on after now`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.addCron()
        try await bench.makeCronDue(minutesAgo: 5)
        #expect(try await bench.inspector.pause("c") == true)
        #expect(try await bench.inspector.pause("c") == false)
        #expect(try await bench.inspector.pause("nobody") == nil)
        #expect(try await worker.survey().hasDueCron == false)
        #expect(try await worker.tick() == [])
        #expect(try await bench.inspector.cron("c")?.isPaused == true)
        #expect(try await bench.inspector.crons().map(\.name) == ["c"])
        // A change leaves it paused.
        #expect(try await bench.addCron("c", "*/2 * * * *", replaces: true) == .changed)
        #expect(try await bench.cronScore() == "inf")
        #expect(try await bench.inspector.resume("c") == true)
        #expect(try await bench.inspector.resume("c") == false)
        #expect(try await bench.inspector.resume("nobody") == nil)
        let now = try await bench.inspector.serverTime()
        #expect(try #require(try await bench.inspector.cron("c")?.next) > now)
        #expect(try await worker.tick() == [])
    }

    @Test func `an entry that was removed leaves nothing behind`() async throws {
        let bench = try await QueueBench.make()
        try await bench.addCron()
        #expect(try await bench.inspector.remove("c"))
        #expect(try await bench.inspector.remove("c") == false)
        #expect(try await bench.everything().isEmpty)
    }
}
