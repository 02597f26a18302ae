import Penstock
import PenstockCheckpointers
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

/// A producer written in Swift, and what it sees of its jobs.
@Suite("A producer in Swift", .timeLimit(.minutes(1)))
struct JobClientTests {
    private let prefix = TestRedis.prefix()
    private let redis: RedisAddress
    private let client: JobClient

    init() async throws {
        redis = try await TestRedis.shared.address
        client = try JobClient(redis.description, prefix: prefix)
    }

    private struct Greeting: FlowState {
        var name = "you"
        var text = ""
        var fails = false
    }

    private let flow = Flow<Greeting>("greet", version: 1) {
        Node("one") { greeting, _ in
            if greeting.fails { throw PermanentFailure("it was asked to") }
            return Update(\.text, "Hello, \(greeting.name)!")
        }
        Edge(.start, "one")
        Edge("one", .end)
    }

    private func work() async {
        var settings = PoolSettings()
        settings.isBurst = true
        await WorkerPool(
            flows: [flow], store: MemoryCheckpointer(), redis: redis, keys: QueueKeys(prefix: prefix),
            settings: settings, version: "test", log: .silent
        ).run()
    }

    @Test func `jobs are enqueued, run, and told of`() async throws {
        let one = try await client.enqueue(Job("greet", session: "s", input: ["name": "Ada"]))
        #expect(one.outcome == .enqueued && one.id.text.count == 36)
        async let end = client.end(of: one.id)
        await work()
        #expect(try await end == .done(result: ["name": "Ada", "text": "Hello, Ada!", "fails": false]))
        // Whoever comes later is told too.
        #expect(
            try await client.end(of: one.id, within: .zero)
                == .done(result: ["name": "Ada", "text": "Hello, Ada!", "fails": false]))
        #expect(try await client.end(of: "nobody", within: .milliseconds(1)) == nil)
        var failing = Job("greet", input: ["fails": true])
        failing.id = "failing"
        _ = try await client.enqueue(failing)
        await work()
        guard case .dead(let error)? = try await client.end(of: "failing") else {
            Issue.record("it is not dead")
            return
        }
        #expect(error.contains("it was asked to"))
        await client.close()
    }

    @Test func `many jobs are enqueued in order, each with an answer of its own`() async throws {
        var jobs = (0..<1000).map { number in
            var job = Job("greet", input: ["number": JSON(number)])
            job.id = JobID(unchecked: "\(number)")
            return job
        }
        jobs[7].id = "6"
        jobs[8].uniqueKey = "k"
        jobs[9].uniqueKey = "k"
        let receipts = try await client.enqueue(jobs, to: "many")
        #expect(receipts.count == 1000)
        #expect(receipts[7].outcome == .known(status: "waiting"))
        #expect(receipts[9].outcome == .duplicate(of: "8"))
        #expect(receipts.filter { $0.outcome == .enqueued }.count == 998)
        let messages =
            try await RedisClient(redis).send(
                RedisCommand("LRANGE", "\(prefix)queue:many", 0, -1)
            ).asArray ?? []
        let numbers = try messages.reversed().map {
            try JSON(parsing: $0.asBytes ?? [])["input"]?["number"]?.int
        }
        #expect(numbers == (0..<1000).filter { $0 != 9 })
        await client.close()
    }

    @Test func `a job that cannot be run as it is is refused with a sentence, and nothing is sent`()
        async throws
    {
        var bad = Job("greet")
        bad.maxAttempts = 0
        await #expect(
            throws: JobClientError.misused("job 1: \"max_attempts\" is an integer of at least 1, not 0")
        ) {
            _ = try await client.enqueue([Job("greet"), bad])
        }
        #expect(
            try await RedisClient(redis).send(RedisCommand("EXISTS", "\(prefix)queue:default")).asInt == 0)
        #expect(throws: JobClientError.self) { try JobClient("http://127.0.0.1") }
        #expect(throws: JobClientError.self) { try JobClient("redis+cluster://127.0.0.1:7000") }
        await client.close()
    }

    @Test func `a job is cancelled, and one that has ended is not`() async throws {
        let one = try await client.enqueue(Job("greet"))
        #expect(try await client.cancel(one.id))
        await work()
        #expect(try await client.end(of: one.id) == .cancelled("cancelled on request"))
        #expect(try await !client.cancel(one.id))
        await client.close()
    }
}
