import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import Testing

/// Messages at the edge of what the scripts and a worker take.
@Suite struct OddMessageTests {
    @Test func `whoever waits hears of a message that Redis' scripts cannot read`() async throws {
        let bench = try await TestBench.make()
        try await bench.push(#"{"flow":"line","id":"j","input":{"log":["\ud800"]}}"#)
        await bench.burst([line()])
        let end = try await bench.end(of: "j")
        #expect(end["status"] == "dead" && end["reason"] == "refused")
        #expect(end["error"]?.string?.hasPrefix(#""input.log[0]" has half of a surrogate pair"#) == true)
    }

    @Test func `a message as large as may be is tried again with the id that it was given`() async throws {
        let bench = try await TestBench.make()
        let message = #"{"flow":"line","session_id":"s"}"#
        try await bench.push(message)
        let ledger = Ledger()
        let flow = line(nodes: ["a"]) { context in
            ledger.note("\(context.attempt)")
            if context.attempt == 1 { throw Broken() }
        }
        let pool = try await bench.start([flow]) { $0.queue.maxMessageBytes = message.utf8.count }
        try await bench.until("done") { try await bench.path(of: "s") == ["a"] }
        await pool.drain()
        #expect(ledger.all == ["1", "2"])
    }
}
