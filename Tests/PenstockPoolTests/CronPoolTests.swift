import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

@testable import PenstockPool

/// Workers that see to cron entries beside their jobs.
@Suite(.timeLimit(.minutes(2)))
struct CronPoolTests {
    private func inspector(_ bench: TestBench) -> QueueInspector {
        QueueInspector(keys: bench.keys, settings: QueueSettings(), client: bench.client)
    }

    private func entry(_ name: CronName, queue: QueueName = "default") throws -> CronEntry {
        try CronEntry(
            name, CronSchedule(try CronExpression("@yearly")), Job("count"), queue: queue)
    }

    /// As time does: the entry's next occurrence has just come.
    private func makeDue(_ name: String, _ bench: TestBench) async throws -> String {
        let now = try await inspector(bench).serverTime().microseconds
        let occurrence = Timestamp(microseconds: now - now % 60_000_000)
        _ = try await bench.client.send(
            RedisCommand("HSET", bench.keys.cron(name), "next", occurrence.microseconds / 1000))
        _ = try await bench.client.send(
            RedisCommand("ZADD", bench.keys.cron, occurrence.microseconds / 1000, name))
        return "cron:\(name):\(occurrence.idText)"
    }

    @Test func `an entry that is due is run once, whoever sees it`() async throws {
        let bench = try await TestBench.make()
        var pools: [RunningPool] = []
        for _ in 0..<3 { pools.append(try await bench.start([counting(2)])) }
        _ = try await inspector(bench).add(entry("c"), replaces: false)
        let id = try await makeDue("c", bench)
        #expect(try await bench.end(of: id)["result"]?["count"] == 2)
        for pool in pools { await pool.drain() }
        #expect(try await bench.unfinished() == 0)
        #expect(try await bench.path(of: SessionID(unchecked: id)) == ["n1", "n2"])
    }

    @Test func `an entry that moved on while the clock was ahead is set back`() async throws {
        let bench = try await TestBench.make()
        let inspector = inspector(bench)
        func far(_ name: CronName, _ expression: String) async throws -> Timestamp {
            let entry = try CronEntry(
                name, CronSchedule(try CronExpression(expression)), Job("count"), queue: "default")
            _ = try await inspector.add(entry, replaces: false)
            let right = try #require(try await inspector.cron(name)?.next)
            let ahead = right.microseconds / 1000 + 30 * 86_400_000
            _ = try await bench.client.send(RedisCommand("HSET", bench.keys.cron(name.text), "next", ahead))
            _ = try await bench.client.send(RedisCommand("ZADD", bench.keys.cron, ahead, name.text))
            return right
        }
        let yearly = try entry("y")
        _ = try await inspector.add(yearly, replaces: false)
        let right = try await inspector.cron("y")?.next
        let daily = try await far("d", "@daily")
        _ = try await far("p", "@daily")
        _ = try await inspector.pause("p")
        func pausedNext() async throws -> Int? {
            try await bench.client.send(RedisCommand("HGET", bench.keys.cron("p"), "next")).asInt
        }
        let paused = try await pausedNext()
        let pool = try await bench.start([counting(1)])
        try await bench.until("it is set back") { try await inspector.cron("d")?.next == daily }
        await pool.drain()
        #expect(try await inspector.cron("y")?.next == right)
        #expect(try await pausedNext() == paused)
        #expect(try await bench.count("ZCARD", bench.keys.cron) == 3)
        #expect(try await bench.unfinished() == 0)
    }

    @Test func `an entry that cannot fire stands in no other's way, and both are logged`() async throws {
        var bench = try await TestBench.make()
        let lines = Ledger()
        bench.log = Log(to: LogSink(level: .info, format: .json) { lines.note($0) })
        _ = try await inspector(bench).add(entry("a", queue: "wrong"), replaces: false)
        _ = try await inspector(bench).add(entry("b"), replaces: false)
        _ = try await bench.client.send(RedisCommand("SET", bench.keys.queue("wrong"), "text"))
        _ = try await makeDue("a", bench)
        let id = try await makeDue("b", bench)
        let running = try await bench.start([counting(1)])
        #expect(try await bench.end(of: id)["status"] == "done")
        await running.drain()
        let standing = try await inspector(bench).cron("a")
        #expect(standing?.error?.contains("WRONGTYPE") == true)
        #expect(standing?.last == nil)
        let written = lines.all.joined()
        #expect(written.contains("cron fired"))
        #expect(written.contains(id))
        #expect(written.contains("cron cannot fire"))
    }

    @Test func `the entries of a worker's file stand when it is ready`() async throws {
        let bench = try await TestBench.make()
        let text = #"{"a":{"cron":"@daily","flow":"count"}}"#
        let file = try CronFile(Array(text.utf8), at: "cron.json", maxMessageBytes: 1 << 20)
        let pool = try await bench.start([counting(1)]) { $0.cron = file }
        #expect(try await inspector(bench).crons().map(\.name) == ["a"])
        await pool.drain()
        // They stay when it leaves.
        #expect(try await inspector(bench).crons().map(\.origin) == ["file:cron.json"])
    }
}
