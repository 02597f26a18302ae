import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import Testing

/// Jobs that are not to start before a time, or after one.
@Suite struct TimeTests {
    @Test func `a job is not started before its time`() async throws {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let flow = line { context in ledger.note("\(context.job)") }
        let inAnHour = WallClock.system.now().advanced(by: .seconds(3600))
        try await bench.push(#"{"flow":"line","session_id":"s","id":"late","not_before":"\#(inAnHour)"}"#)
        try await bench.push(#"{"flow":"line","session_id":"s","id":"now"}"#)
        await bench.burst([flow])
        #expect(ledger.all == ["now", "now", "now"])
        #expect(try await bench.job("late")["status"] == "scheduled")

        let soon = WallClock.system.now().advanced(by: .seconds(1))
        try await bench.push(#"{"flow":"line","session_id":"t","id":"soon","not_before":"\#(soon)"}"#)
        let pool = try await bench.start([flow])
        #expect(try await bench.end(of: "soon")["status"]?.string == "done")
        #expect(WallClock.system.now() >= soon)
        await pool.drain()
        #expect(try await bench.job("soon")["attempts"] == nil)
    }

    @Test func `a worker's death does not bring a job's start forward`() async throws {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        try await bench.push(
            #"{"flow":"line","session_id":"s","id":"late","not_before":"2100-01-01T00:00:00Z"}"#)
        try await bench.crash()
        await bench.burst([line { context in ledger.note("\(context.job)") }])
        #expect(ledger.all.isEmpty)
        #expect(try await bench.job("late")["status"] == "scheduled")
    }

    @Test func `a job whose flow nobody knows can be cancelled, and expires`() async throws {
        let bench = try await TestBench.make()
        try await bench.push(#"{"flow":"lien","session_id":"s","id":"typo"}"#)
        try await bench.push(#"{"v":2,"flow":"line","session_id":"t","id":"newer"}"#)
        try await bench.push(
            #"{"flow":"lien","session_id":"u","id":"late","expires_at":"2020-01-01T00:00:00Z"}"#)
        await bench.burst([line()])
        #expect(try await bench.end(of: "late")["reason"]?.string == "expired")
        let inspector = QueueInspector(keys: bench.keys, settings: QueueSettings(), client: bench.client)
        for id: JobID in ["typo", "newer"] {
            #expect(try await bench.job(id.text)["status"] == "scheduled")
            _ = try await inspector.cancel(id)
        }
        await bench.burst([line()])
        for id in ["typo", "newer"] {
            #expect(try await bench.end(of: id)["status"]?.string == "cancelled")
        }
    }

    @Test func `a job whose time has passed is buried unless it is done`() async throws {
        let bench = try await TestBench.make()
        let message = #"{"flow":"line","session_id":"s","id":"j","expires_at":"2020-01-01T00:00:00Z"}"#
        try await bench.push(message)
        await bench.burst([line()])
        #expect(try await bench.end(of: "j")["reason"]?.string == "expired")
        #expect(try await bench.path(of: "s").isEmpty)

        try await bench.push(#"{"flow":"line","session_id":"t","id":"k"}"#)
        await bench.burst([line()])
        _ = try await bench.end(of: "k")
        try await bench.push(
            #"{"flow":"line","session_id":"t","id":"k","expires_at":"2020-01-01T00:00:00Z"}"#)
        await bench.burst([line()])
        #expect(try await bench.end(of: "k")["status"]?.string == "done")
    }
}
