import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

@Suite("Enqueueing, and waiting for the end", .timeLimit(.minutes(1)))
struct EnqueueTests {
    @Test func `a job is known from then on`() async throws {
        let inspection = try await Inspection()
        #expect(try await inspection.enqueue("1") == .new)
        #expect(try await inspection.inspector.job("1")?.status == .waiting)
        #expect(try await inspection.enqueue("1") == .known(status: "waiting"))
        #expect(try await inspection.inspector.waiting(in: "q") == 2)
    }

    @Test func `a dead job that is sent again has fresh counters, and its old end is forgotten`() async throws
    {
        let inspection = try await Inspection()
        _ = try await inspection.enqueue("1")
        try await inspection.record("1", ["session": "1", "flow": "f", "attempts": "5", "crashes": "1"])
        try await inspection.end("1", "dead")
        #expect(try await inspection.enqueue("1") == .known(status: "dead"))
        let job = try await inspection.inspector.job("1")
        #expect(job?.status == .waiting)
        #expect(job?.attempts == 0)
        #expect(job?.crashes == 0)
        let waited = try await inspection.inspector.awaitEnd(
            of: "1", over: inspection.connection(), until: .now + .milliseconds(20))
        #expect(waited?.status == .waiting)
    }

    @Test func `an id with another session or flow is not enqueued`() async throws {
        let inspection = try await Inspection()
        _ = try await inspection.enqueue("1", session: "s")
        #expect(try await inspection.enqueue("1", session: "t") == .conflict)
        #expect(try await inspection.enqueue("1", flow: "g", session: "s") == .conflict)
        #expect(try await inspection.inspector.waiting(in: "q") == 1)
    }

    @Test func `a message that the scripts cannot read is not enqueued, and its job not known`() async throws
    {
        let inspection = try await Inspection()
        var job = Job("f")
        job.id = "1"
        job.input = try JSON(parsing: #"{"half":"\ud800"}"#).object
        let checked = try CheckedJob(job, maxBytes: 1 << 20)
        #expect(try await inspection.inspector.enqueue(checked, to: "q") == .unreadable)
        #expect(try await inspection.inspector.job("1") == nil)
        #expect(try await inspection.inspector.waiting(in: "q") == 0)
    }

    @Test func `jobs of every kind are pushed in their order, in one call`() async throws {
        let inspection = try await Inspection()
        func job(_ id: JobID? = nil, _ change: (inout Job) -> Void = { _ in }) throws -> CheckedJob {
            var job = Job("f")
            job.id = id
            change(&job)
            return try CheckedJob(job, maxBytes: 1 << 20)
        }
        let half = try JSON(parsing: #"{"half":"\ud800"}"#).object
        let jobs = [
            try job(), try job(), try job("mine"), try job { $0.input = half }, try job(),
            try job { $0.uniqueKey = "k" }, try job { $0.uniqueKey = "k" },
            try job { $0.input = ["text": "\u{1}"] },
        ]
        let answers = try await inspection.inspector.enqueue(jobs, to: "q")
        #expect(
            answers == [.new, .new, .new, .unreadable, .new, .new, .duplicate(of: jobs[5].id.text), .new])
        let list = try await inspection.client.send(RedisCommand("LRANGE", inspection.keys.queue("q"), 0, -1))
        let pushed = [0, 1, 2, 4, 5, 7].map { String(decoding: jobs[$0].bytes, as: UTF8.self) }
        #expect(list.asArray?.map(\.asString) == pushed.reversed())
    }

    @Test func `more jobs than Lua unpacks at once are pushed`() async throws {
        let inspection = try await Inspection()
        let jobs = try (0..<9_001).map { _ in try CheckedJob(Job("f"), maxBytes: 1000) }
        #expect(try await inspection.inspector.enqueue(jobs, to: "q").allSatisfy { $0 == .new })
        let list = try await inspection.client.send(RedisCommand("LRANGE", inspection.keys.queue("q"), 0, -1))
        #expect(
            list.asArray?.map(\.asString)
                == jobs.reversed().map { String(decoding: $0.bytes, as: UTF8.self) })
    }

    @Test func `a job is checked as a worker would`() {
        var job = Job("f")
        job.timeoutSeconds = 0
        #expect(throws: MessageFault.self) { try CheckedJob(job, maxBytes: 1 << 20) }
        job.timeoutSeconds = nil
        #expect(throws: MessageFault.self) { try CheckedJob(job, maxBytes: 10) }
    }

    @Test func `a job whose id was made for it has no record until it is claimed, and is found in its queue`()
        async throws
    {
        let inspection = try await Inspection()
        for _ in 0..<1500 {
            _ = try await inspection.inspector.enqueue(
                CheckedJob(Job("f"), maxBytes: 1000), to: "q")
        }
        var job = Job("g")
        job.session = "s"
        let checked = try CheckedJob(job, maxBytes: 1000)
        #expect(try await inspection.inspector.enqueue(checked, to: "q") == .new)
        #expect(
            try await inspection.client.send(RedisCommand("KEYS", inspection.keys.job("*"))).asArray == [])
        let standing = try #require(try await inspection.inspector.job(checked.id))
        #expect(standing.status == .waiting && standing.queue == "q")
        #expect(standing.flow == "g" && standing.session == "s")
        _ = try await inspection.inspector.cancel(checked.id)
        #expect(try await inspection.inspector.job(checked.id)?.isToBeCancelled == true)
        #expect(try await inspection.inspector.job("nobody")?.id == nil)
    }

    @Test func `everyone who waits is told, before the end and after it`() async throws {
        let inspection = try await Inspection()
        _ = try await inspection.enqueue("1")
        try await withThrowingTaskGroup(of: JobStanding.Status?.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await inspection.inspector.awaitEnd(
                        of: "1", over: inspection.connection(), until: nil)?.status
                }
            }
            try await inspection.end("1", "done")
            for try await status in group { #expect(status == .done) }
        }
        let late = try await inspection.inspector.awaitEnd(
            of: "1", over: inspection.connection(), until: nil)
        #expect(late?.status == .done)
    }

    @Test func `a notice that has expired is not missed`() async throws {
        let inspection = try await Inspection()
        _ = try await inspection.enqueue("1")
        try await inspection.end("1", "cancelled")
        _ = try await inspection.client.send(RedisCommand("DEL", inspection.keys.ended("1")))
        let job = try await inspection.inspector.awaitEnd(
            of: "1", over: inspection.connection(), until: nil)
        #expect(job?.status == .cancelled)
    }

    @Test func `at the deadline the job is shown as it stands`() async throws {
        let inspection = try await Inspection()
        _ = try await inspection.enqueue("1")
        let job = try await inspection.inspector.awaitEnd(
            of: "1", over: inspection.connection(), until: .now + .milliseconds(20))
        #expect(job?.status == .waiting)
    }
}
