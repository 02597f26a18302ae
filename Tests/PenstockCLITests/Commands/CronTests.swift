import Penstock
import PenstockJSON
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

@testable import PenstockCLI

/// What `penstock cron` does to a real queue, without a worker.
@Suite("Cron commands", .timeLimit(.minutes(1)))
struct CronTests {
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

    @Test func `an entry is added, listed, shown and removed`() async {
        let added = await run(
            "cron", "add", "nightly", "30 2 * * MON-FRI", "report", "--zone", "Europe/Berlin", "--queue",
            "slow",
            "--session", "s", "--input", #"{"a":1.0}"#, "--max-attempts", "3", "--timeout-seconds", "2.5",
            "--metadata", #"{"by":"me"}"#, "--catch-up", "all", "--json")
        #expect(added.code == .done, "\(added.errors)")
        for (key, value) in [
            "name": "nightly", "cron": "30 2 * * MON-FRI", "zone": "Europe/Berlin", "flow": "report",
            "queue": "slow", "session_id": "s", "input": ["a": 1.0], "max_attempts": 3,
            "timeout_seconds": 2.5, "metadata": ["by": "me"], "catch_up": "all", "origin": "command",
            "paused": false, "last_at": nil, "last_job": nil, "error": nil,
        ] as [String: JSON] {
            #expect(added.json?[key] == value, "\(key)")
        }
        #expect(added.json?["next_at"]?.string != nil)
        #expect(await run("cron", "show", "nightly", "--json").json == added.json)
        #expect(await run("cron", "show", "nightly").output.contains("30 2 * * MON-FRI"))
        let listed = await run("cron", "list")
        #expect(listed.output.hasPrefix("CRON "))
        #expect(listed.output.contains("Europe/Berlin"))
        #expect(await run("cron", "list", "--json").json?.array == added.json.map { [$0] })
        #expect(await run("cron", "remove", "nightly").output == "nightly removed\n")
        #expect(await run("cron", "list").errors == "no cron entries\n")
    }

    @Test func `an entry is changed only where that was said`() async {
        #expect(await run("cron", "add", "a", "@daily", "f").code == .done)
        let again = await run("cron", "add", "a", "@hourly", "f")
        #expect(again.code == .failed)
        #expect(again.errors == "penstock: there is a cron entry a already\nadd --replace to change it\n")
        let replaced = await run("cron", "add", "a", "@hourly", "f", "--replace", "--json")
        #expect(replaced.json?["cron"] == "@hourly")
    }

    @Test func `a paused entry has no next time until it is resumed`() async {
        _ = await run("cron", "add", "a", "@daily", "f")
        #expect(await run("cron", "pause", "a").output == "a paused\n")
        #expect(await run("cron", "pause", "a").output == "a was paused already\n")
        #expect(await run("cron", "show", "a", "--json").json?["paused"] == true)
        #expect(await run("cron", "show", "a", "--json").json?["next_at"] == .null)
        #expect(await run("cron", "list").output.contains("paused"))
        #expect(await run("cron", "resume", "a").output.hasPrefix("a resumed; next in "))
        #expect(await run("cron", "resume", "a").output.hasPrefix("a was not paused; next in "))
    }

    @Test func `a run makes a job of its own, and the schedule stays`() async throws {
        _ = await run("cron", "add", "a", "@daily", "f", "--queue", "q", "--session", "s")
        let before = await run("cron", "show", "a", "--json").json
        let first = await run("cron", "run", "a")
        let second = await run("cron", "run", "a", "--json").json
        #expect(first.output.hasPrefix("cron:a:"))
        #expect(second?["queue"] == "q")
        #expect(second?["id"]?.string.map { $0 + "\n" } != first.output)
        #expect(try await client.send(RedisCommand("LLEN", "\(prefix)queue:q")).asInt == 2)
        #expect(await run("cron", "show", "a", "--json").json == before)
        let id = first.output.split(separator: "\n").first.map(String.init) ?? ""
        #expect(await run("job", "show", id, "--json").json?["session_id"] == "s")
    }

    @Test func `the coming times of an entry are those of its expression and zone`() async {
        _ = await run("cron", "add", "a", "30 2 * * *", "f", "--zone", "Europe/Berlin")
        let after = "2026-03-28T00:00:00Z"
        let named = await run("cron", "next", "a", "--after", after, "--count", "2", "--json").json
        #expect(
            named == [
                ["local": "2026-03-28T02:30:00+01:00", "utc": "2026-03-28T01:30:00Z"],
                ["local": "2026-03-29T03:00:00+02:00", "utc": "2026-03-29T01:00:00Z"],
            ])
        let zoned = await run("cron", "next", "a", "--zone", "UTC")
        #expect(zoned.code == .misused)
    }

    @Test func `the coming times of an expression need no Redis`() async {
        let nowhere = ["--redis-url", "redis+unix:///no/such.sock", "--after", "2026-01-01T00:00:00Z"]
        let answer = await CapturedOutput.run(
            ["cron", "next", "@yearly", "--count", "1", "--zone", "America/St_Johns"] + nowhere)
        #expect(answer.code == .done)
        #expect(
            answer.output
                == "LOCAL                      UTC\n2026-01-01T00:00:00-03:30  2026-01-01T03:30:00Z\n")
        let five = await CapturedOutput.run(["cron", "next", "*/5 * * * *", "--json"] + nowhere)
        #expect(five.json?.array?.count == 5)
        #expect(await CapturedOutput.run(["cron", "next", "named"] + nowhere).code == .unreachable)
    }

    @Test(arguments: [
        (["cron", "add", "a", "0 0 30 2 *", "f"], "an expression has to come true some day"),
        (["cron", "add", "a", "61 * * * *", "f"], #"the minute is a number from 0 to 59, not "61""#),
        (["cron", "add", "a", "@daily", "f", "--zone", "Europe/Berln"], "the zone is a name from"),
        (["cron", "add", "a b", "@daily", "f"], "a cron entry's name is 1 to 100"),
        (["cron", "add", "a", "@daily", "f g"], "a flow name is 1 to 100"),
        (
            ["cron", "add", "a", "@daily", "f", "--catch-up", "some"],
            "what is caught up is none, last or all"
        ),
        (["cron", "add", "a", "@daily", "f", "--timeout-seconds", "0"], #""timeout_seconds" is a number"#),
        (["cron", "add", "a", "@daily"], "cron add needs FLOW"),
        (["cron", "add", "a", "*", "*", "*"], #"cron add has no use for "*""#),
        (["cron", "next", "* * * *"], "an expression has five fields"),
        (["cron", "next", "@daily", "--count", "0"], "--count is a whole number from 1"),
        (["cron", "lsit"], #"there is no command "cron lsit"; did you mean "cron list"?"#),
    ])
    func `wrong usage ends with 2 and a sentence`(_ arguments: [String], _ start: String) async {
        let answer = await CapturedOutput.run(arguments)
        #expect(answer.code == .misused)
        #expect(answer.errors.hasPrefix("penstock: \(start)"), "\(answer.errors)")
    }

    @Test(arguments: ["show", "remove", "pause", "resume", "run", "next"])
    func `an entry that nobody knows ends with 1`(_ verb: String) async {
        let answer = await run("cron", verb, "nobody")
        #expect(answer.code == .failed)
        #expect(answer.errors == "penstock: there is no cron entry nobody\npenstock cron list\n")
    }
}
