import Penstock
import PenstockJSON
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

@testable import PenstockCLI

/// What a command line does to a real queue, without a worker.
@Suite("Administration", .timeLimit(.minutes(1)))
struct AdministrationTests {
    private let prefix = TestRedis.prefix()
    private let redis: TestRedis
    private let client: RedisClient

    init() async throws {
        redis = try await TestRedis.shared
        client = RedisClient(redis.address)
    }

    private func run(_ arguments: String...) async -> CapturedOutput.Answer {
        await CapturedOutput.run(
            arguments + ["--redis-url", redis.address.description, "--prefix", prefix])
    }

    private func bury(_ name: String, for reason: String, at time: Int) async throws {
        _ = try await client.send(
            RedisCommand(
                "HSET", "\(prefix)dead:\(name)", "message", "{\"flow\":\"f\",\"id\":\"\(name)\"}", "queue",
                "q",
                "id", name, "reason", reason, "error", "it broke", "buried_at", time))
        _ = try await client.send(RedisCommand("ZADD", "\(prefix)dead", time, name))
    }

    @Test func `a job is put at the left end of its queue, with all that was said of it`() async throws {
        let answer = await run(
            "enqueue", "greet", "--id", "7", "--session", "s", "--input", #"{"a":1.0}"#, "--queue", "q",
            "--max-attempts", "3", "--timeout-seconds", "2.5", "--not-before", "2026-01-02T03:04:05Z",
            "--metadata", #"{"by":"me"}"#)
        #expect(answer.code == .done)
        #expect(answer.output == "7\n")
        let message = try await client.send(RedisCommand("LINDEX", "\(prefix)queue:q", 0)).asString
        #expect(
            try JSON(parsing: try #require(message)) == [
                "flow": "greet", "id": "7", "session_id": "s", "input": ["a": 1.0], "max_attempts": 3,
                "timeout_seconds": 2.5, "not_before": "2026-01-02T03:04:05.000000+00:00",
                "metadata": ["by": "me"],
            ])
        let job = await run("job", "show", "7", "--json").json
        #expect(job?["status"] == "waiting")
        #expect(job?["flow"] == "greet")
        #expect(job?["session_id"] == "s")
        #expect(job?["attempts"] == 0)
        #expect(job?["crashes"] == 0)
        #expect(job?["result"] == .null)
        #expect(job?["error"] == .null)
    }

    @Test func `a job without an id gets one that grows with time`() async {
        let first = await run("enqueue", "greet").output
        let second = await run("enqueue", "greet").output
        #expect(first.count == 37 && first < second)
    }

    @Test func `whoever waits in vain is told how the job stands`() async {
        let answer = await run("enqueue", "greet", "--id", "7", "--wait", "0.05")
        #expect(answer.code == .failed)
        #expect(answer.errors.contains("penstock: job 7 has not ended in time; it is waiting"))
    }

    @Test func `whoever waits for a job of a paused queue is told so`() async {
        _ = await run("queue", "pause", "q")
        let answer = await run("enqueue", "greet", "--id", "7", "--queue", "q", "--wait", "0.05")
        #expect(answer.errors.contains("the queue q is paused: waiting until it is resumed\n"))
        #expect(answer.errors.contains("job 7 has not ended in time; it is waiting: its queue is paused\n"))
        #expect(await run("job", "show", "7").output.contains("held back  its queue is paused\n"))
        #expect(await run("job", "show", "7", "--json").json?["held_back"] == "its queue is paused")
    }

    @Test func `a job that nobody knows ends with 1`() async {
        let answer = await run("job", "show", "nobody")
        #expect(answer.code == .failed)
        #expect(answer.errors.hasPrefix("penstock: job nobody is not known"))
    }

    @Test func `jobs are listed by how they stand`() async throws {
        _ = await run("enqueue", "greet", "--id", "a")
        _ = await run("enqueue", "greet", "--id", "b")
        _ = try await client.send(RedisCommand("HSET", "\(prefix)job:b", "status", "running"))
        #expect(await run("job", "list", "--json").json?.array?.count == 2)
        #expect(await run("job", "list", "--json").errors.isEmpty)
        let first = await run("job", "list", "--json", "--limit", "1")
        #expect(first.json?.array?.count == 1 && first.errors == "there are more: --limit lists them\n")
        #expect(await run("job", "list", "--limit", "\(Int.max)").code == .done)
        let running = await run("job", "list", "--json", "--status", "running").json
        #expect(running?.array?.map { $0["id"] } == ["b"])
        #expect(await run("job", "list").output.hasPrefix("JOB "))
    }

    @Test func `the dead are listed newest first, sent again, and forgotten`() async throws {
        try await bury("a", for: "failed", at: 1_000)
        try await bury("b", for: "crashed", at: 2_000)
        try await bury("c", for: "failed", at: 3_000)
        #expect(await run("dead", "list", "--json").json?.array?.map { $0["id"]?.string } == ["c", "b", "a"])
        #expect(await run("dead", "list", "--limit", "2").errors.hasPrefix("there are more"))
        #expect(await run("dead", "show", "a", "--message").output == #"{"flow":"f","id":"a"}"#)
        #expect(await run("dead", "retry", "--reason", "failed").output == "2 sent again\n")
        #expect(try await client.send(RedisCommand("LLEN", "\(prefix)queue:q")).asInt == 2)
        #expect(await run("dead", "retry", "a").code == .failed)
        #expect(await run("dead", "remove", "--all").output == "1 forgotten\n")
        #expect(await run("dead", "list", "--json").json == [])
    }

    @Test func `the dead are counted by what they died of, and chosen by it`() async throws {
        for (number, flow) in ["order", "order", "mail"].enumerated() {
            try await bury("\(number)", for: "failed", at: 1_000 + number)
            _ = try await client.send(
                RedisCommand(
                    "HSET", "\(prefix)dead:\(number)", "flow", flow, "node", "pay", "error",
                    "order \(number) was declined\nand more"))
        }
        let groups = await run("dead", "groups", "--json").json?.array ?? []
        #expect(groups.map { $0["jobs"]?.int } == [2, 1])
        #expect(groups.map { $0["error"]?.string } == ["order … was declined", "order … was declined"])
        #expect(groups[0]["flow"] == "order" && groups[0]["example"] == "1")
        #expect(groups[0]["oldest"] == "1970-01-01T00:00:01.000000+00:00")
        #expect(await run("dead", "list", "--flow", "mail", "--json").json?.array?.count == 1)
        #expect(await run("dead", "list", "--error", "ORDER 1", "--json").json?.array?.count == 1)
        #expect(
            await run("dead", "list", "--buried-before", "1970-01-01T00:00:01.001Z", "--json").json?.array?
                .count == 1)
        #expect(await run("dead", "retry", "--flow", "order", "--node", "pay").output == "2 sent again\n")
        #expect(await run("dead", "list", "--json").json?.array?.map { $0["id"]?.string } == ["2"])
    }

    @Test func `a job is cancelled, and one that has ended is not`() async throws {
        _ = await run("enqueue", "greet", "--id", "a", "--queue", "q")
        let answer = await run("job", "cancel", "a", "--json")
        #expect(answer.code == .done && answer.json == ["id": "a", "status": "waiting"])
        #expect(await run("job", "show", "a", "--json").json?["to_be_cancelled"] == true)
        #expect(await run("job", "cancel", "b").output.contains("not known yet"))
        _ = await run("queue", "purge", "q", "--yes")
        let late = await run("job", "cancel", "a")
        #expect(late.code == .failed && late.errors.contains("job a has ended: it is cancelled"))
    }

    @Test func `a queue is paused and resumed`() async throws {
        #expect(await run("queue", "pause", "q").output == "q is paused\n")
        #expect(await run("queue", "pause", "q").output == "q is already paused\n")
        #expect(await run("queue", "list").output.contains("paused"))
        #expect(await run("queue", "resume", "q").output == "q is not paused\n")
    }

    @Test func `limits are set one by one, shown, and taken away`() async throws {
        #expect(await run("queue", "limit", "q").output == "no limits\n")
        let both = await run("queue", "limit", "q", "--running", "4", "--per-second", "2.5", "--json")
        #expect(both.json == ["running": 4, "per_second": 2.5, "waiting": .null])
        let bounded = await run("queue", "limit", "q", "--waiting", "1", "--running", "none")
        #expect(bounded.output == "at most 2.5 start a second, at most 1 wait\n")
        _ = await run("enqueue", "greet", "--queue", "q")
        let full = await run("enqueue", "greet", "--queue", "q")
        #expect(full.code == .failed && full.errors.contains("1 jobs wait in the queue q, as many as may"))
        let part = await run("flow", "limit", "greet", "--running", "1.5")
        #expect(part.code == .misused)
        #expect(part.errors == "penstock: --running is a whole number from 1, or none, not \"1.5\"\n")
        #expect(await run("flow", "limit", "greet", "--per-second", "0").errors.contains("from 0.001"))
        #expect(await run("flow", "limit").errors == "no limits\n")
        #expect(await run("flow", "limit", "greet", "--running", "2").output == "at most 2 run\n")
        _ = await run("flow", "limit", "a:b", "--per-second", "3")
        #expect(
            await run("flow", "limit").output
                == "FLOW   LIMITS\na:b    at most 3.0 start a second\ngreet  at most 2 run\n")
        #expect(
            await run("queue", "limit", "--json").json
                == [["queue": "q", "limits": ["running": .null, "per_second": 2.5, "waiting": 1]]])
        #expect(await run("queue", "limit", "--running", "2").code == .misused)
    }

    @Test func `a unique job is enqueued once, and its holder's id is printed`() async throws {
        #expect(await run("enqueue", "greet", "--id", "a", "--unique-key", "k").output == "a\n")
        let second = await run("enqueue", "greet", "--unique-key", "k")
        #expect(second.code == .done && second.output == "a\n")
        #expect(second.errors.contains("job a has this unique key: nothing was enqueued"))
        #expect(await run("enqueue", "greet", "--on-busy", "wait").code == .misused)
    }

    @Test func `a purge asks first, and tells whoever waits`() async throws {
        for id in ["a", "b", "c"] { _ = await run("enqueue", "greet", "--id", id, "--queue", "q") }
        let asked = await run("queue", "purge", "q")
        #expect(asked.code == .misused)
        #expect(asked.errors.contains("the 3 jobs"))
        async let waiting = run("enqueue", "greet", "--id", "d", "--queue", "r", "--wait", "20")
        #expect(await run("queue", "purge", "q", "--yes").output == "3 cancelled\n")
        var purged = 0
        while purged == 0 {
            purged = await run("queue", "purge", "r", "--yes").output == "1 cancelled\n" ? 1 : 0
        }
        let waited = await waiting
        #expect(waited.code == .failed)
        #expect(waited.errors.contains("penstock: job d ended cancelled: its queue was purged"))
        #expect(await run("job", "show", "a", "--json").json?["status"] == "cancelled")
    }

    @Test func `queues are listed with what stands beside them`() async throws {
        _ = await run("enqueue", "greet", "--queue", "q")
        try await bury("a", for: "failed", at: 1_000)
        #expect(
            await run("queue", "list", "--json").json == [
                "queues": [
                    [
                        "queue": "q", "waiting": 1, "running": 0, "workers": 0, "paused": false,
                        "limits": ["running": .null, "per_second": .null, "waiting": .null],
                    ]
                ], "parked": 0, "parked_sessions": 0, "held": 0, "scheduled": 0, "dead": 1,
            ])
        #expect(await run("queue", "list").code == .done)
    }

    @Test func `the doctor looks at Redis and the store, and leaves no checkpoint behind`() async {
        let answer = await run("doctor", "--json")
        let names = answer.json?.array?.compactMap { $0["name"]?.string } ?? []
        for name in ["version", "eviction", "persistence", "latency", "clock", "save"] {
            #expect(names.contains(name), "\(name)")
        }
        let complaints = answer.json?.array?.contains { $0["complaint"] != .null } ?? false
        #expect(answer.code == (complaints ? .failed : .done))
        #expect(await run("session", "history", "penstock-doctor", "--json").json == [])
    }

    @Test func `the doctor looks at Redis though the store is away, and at the store though Redis is`() async
    {
        let noStore = await run("doctor", "--store-url", "sqlite:/no/such/folder/store.db", "--json")
        let noRedis = await CapturedOutput.run([
            "doctor", "--redis-url", "redis+unix:///no/such/socket", "--store-url", redis.address.description,
            "--store-key-prefix", prefix + "checkpoint:", "--json",
        ])
        #expect(noRedis.code == .unreachable && noStore.code != .done)
        func found(_ answer: CapturedOutput.Answer, _ about: String, _ name: String) -> JSON? {
            answer.json?.array?.first { $0["about"] == JSON(about) && $0["name"] == JSON(name) }
        }
        #expect(found(noStore, "redis", "version") != nil && found(noRedis, "store", "size") != nil)
        #expect(found(noStore, "store", "answer")?["complaint"]?.string?.contains("/no/such/folder") == true)
        #expect(
            found(noRedis, "redis", "answer")?["complaint"]?.string?.contains("cannot be reached") == true)
    }

    @Test func `the doctor fails where Redis may throw jobs away`() async throws {
        let redis = try await TestRedis.start(
            options: ["--maxmemory-policy", "allkeys-lru", "--appendonly", "yes"])
        let flags = ["--redis-url", redis.address.description, "--json"]
        func complaint() async -> JSON? {
            let answer = await CapturedOutput.run(["doctor"] + flags)
            let eviction = answer.json?.array?.first {
                $0["about"]?.string == "redis" && $0["name"]?.string == "eviction"
            }
            let complaint = eviction?["complaint"]
            if complaint != .null { #expect(answer.code == .failed) }
            return complaint
        }
        #expect(await complaint()?.string?.contains("throws jobs away") == true)
        _ = try await RedisClient(redis.address).send(
            RedisCommand("CONFIG", "SET", "maxmemory-policy", "noeviction"))
        #expect(await complaint() == .null)
    }
}
