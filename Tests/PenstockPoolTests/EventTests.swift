import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

@testable import PenstockPool

/// What workers tell of a session to whoever watches it.
@Suite struct EventTests {
    private func inspector(_ bench: TestBench) -> QueueInspector {
        QueueInspector(keys: bench.keys, settings: QueueSettings(), client: bench.client)
    }

    private func events(_ bench: TestBench, of session: SessionID) async throws -> [SessionEvent] {
        let connection = RedisConnection(bench.redis)
        let events = try await inspector(bench).events(
            of: session, after: "0-0", over: connection, within: .milliseconds(1))
        await connection.close()
        return events
    }

    private let message = #"{"flow":"line","session_id":"s","id":"j"}"#

    @Test func `nothing is told of a session that nobody watches`() async throws {
        let bench = try await TestBench.make()
        try await bench.push(message)
        await bench.burst([line { context in context.emit(1) }])
        #expect(try await bench.count("EXISTS", bench.keys.events("s")) == 0)
    }

    @Test func `all that happens is told in order, to the end`() async throws {
        let bench = try await TestBench.make()
        let flow = line(nodes: ["a", "b"]) { context in
            if context.node == "b", context.attempt == 1 { throw Broken() }
            context.emit(["page": 1])
            context.progress(0.5, "half")
        }
        try await bench.push(message)
        let pool = try await bench.start([flow]) { $0.events = .all }
        _ = try await bench.end(of: "j")
        await pool.drain()
        let events = try await events(bench, of: "s")
        #expect(
            events.map { $0["event"] } == [
                "run_started", "node_started", "output", "progress", "node_completed", "checkpoint_saved",
                "node_started", "attempt_failed", "run_started", "node_started", "output", "progress",
                "node_completed", "checkpoint_saved", "run_ended", "job_ended",
            ])
        #expect(events.allSatisfy { $0["job"] == "j" })
        #expect(events[2]["output"] == #"{"page":1}"# && events[3]["fraction"] == "0.5")
        #expect(events[7]["error"]?.contains("it is broken") == true)
        #expect(events[13]["step"] == "2" && events[13]["node"] == "b")
        #expect(events.last?["status"] == "done")
        let life = try await bench.count("TTL", bench.keys.events("s"))
        #expect((3500...3600).contains(life))
    }

    @Test func `a node that is tried again in place is told of`() async throws {
        let bench = try await TestBench.make()
        let flow = Flow<Trail>("line", version: 1) {
            Node("a") { _, context in
                if context.nodeAttempt == 1 { throw Broken() }
                return .none
            }
            .retry(.exponential(maxAttempts: 2, firstDelay: .zero))
            Edge(.start, "a")
            Edge("a", .end)
        }
        try await bench.push(message)
        await bench.burst([flow]) { $0.events = .all }
        let events = try await events(bench, of: "s")
        #expect(
            events.map { $0["event"] } == [
                "run_started", "node_started", "node_failed", "node_completed", "checkpoint_saved",
                "run_ended",
                "job_ended",
            ])
        #expect(
            events[2]["node"] == "a" && events[2]["step"] == "1" && events[2]["again_in_seconds"] == "0.0")
        #expect(events[2]["error"]?.contains("it is broken") == true)
    }

    @Test func `a session that is watched while it runs is told of from then on`() async throws {
        let bench = try await TestBench.make()
        let (isRunning, mayGoOn) = (Signal(), Signal())
        let flow = line { context in
            guard context.node == "a" else { return }
            isRunning.send()
            try await mayGoOn.wait()
            // Until the worker has heard of whoever watches.
            try await bench.until("told") {
                context.emit(0)
                return try await bench.count("EXISTS", bench.keys.events("s")) == 1
            }
        }
        try await bench.push(message)
        let pool = try await bench.start([flow])
        try await isRunning.wait()
        #expect(try await bench.count("EXISTS", bench.keys.events("s")) == 0)
        try await inspector(bench).watch("s", for: .seconds(60))
        mayGoOn.send()
        _ = try await bench.end(of: "j")
        await pool.drain()
        let told = try await events(bench, of: "s").map { $0["event"] }.drop { $0 == "output" }
        #expect(told.first == "node_completed" && told.last == "job_ended")
    }

    @Test func `a job's record says how far it is`() async throws {
        let bench = try await TestBench.make()
        let (hasTold, mayEnd) = (Signal(), Signal())
        let flow = line(nodes: ["a"]) { context in
            context.progress(0.25, "pages")
            hasTold.send()
            try await mayEnd.wait()
        }
        try await bench.push(message)
        let pool = try await bench.start([flow])
        try await hasTold.wait()
        // It is told while the node goes on.
        try await bench.until("told") { try await inspector(bench).job("j")?.progress != nil }
        let told = try #require(try await inspector(bench).job("j")?.progress)
        #expect(try JSON(parsing: told) == ["fraction": 0.25, "text": "pages"])
        mayEnd.send()
        _ = try await bench.end(of: "j")
        await pool.drain()
        #expect(try await inspector(bench).job("j")?.progress == nil)
    }

    @Test func `progress is noted as it begins and ends, and four times a second between`() {
        var pace = ProgressPace()
        let start = ContinuousClock.now
        let noted = [(0.1, 0), (0.2, 249), (0.3, 250), (1, 251)].map { fraction, milliseconds in
            pace.isDue(fraction, at: start + .milliseconds(milliseconds))
        }
        #expect(noted == [true, false, true, true])
    }
}
