import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import Synchronization
import Testing

/// Workers whose clocks are wrong, each in its own way, and jump: nothing hangs on them.
@Suite struct SkewedClockTests {
    /// A clock that is off, by another amount each time that it is read.
    private static func clock(off days: [Int]) -> WallClock {
        let reads = Mutex(0)
        return WallClock {
            let index = reads.withLock { reads in
                defer { reads += 1 }
                return reads
            }
            return WallClock.system.now().advanced(by: .seconds(days[index % days.count] * 86_400))
        }
    }

    @Test(arguments: StoreDriver.all)
    func `jobs run in order, once, and when they are due, whatever the workers' clocks say`(
        _ driver: StoreDriver
    ) async throws {
        try await driver.withBench { bench in
            let flow = line { context in
                if context.node == "b", context.attempt == 1 { throw Broken() }
            }
            let now = WallClock.system.now()
            let soon = now.advanced(by: .milliseconds(300)).description
            let past = now.advanced(by: .seconds(-3600)).description
            let future = now.advanced(by: .seconds(3600)).description
            for id in ["1", "2", "3", "4"] {
                try await bench.push(
                    #"{"flow":"line","session_id":"s","id":"\#(id)","input":{"log":["\#(id)"]},"expires_at":"\#(future)"}"#
                )
            }
            try await bench.push(#"{"flow":"line","id":"due","not_before":"\#(soon)"}"#)
            try await bench.push(#"{"flow":"line","id":"late","not_before":"\#(future)"}"#)
            try await bench.push(#"{"flow":"line","id":"expired","expires_at":"\#(past)"}"#)
            let pools = [
                try await bench.start([flow]) {
                    $0.slots = 1
                    $0.clock = Self.clock(off: [400, -400, 0])
                },
                try await bench.start([flow]) {
                    $0.slots = 1
                    $0.clock = Self.clock(off: [-1, -2, 30_000])
                },
            ]
            for id in ["1", "2", "3", "4", "due"] {
                #expect(try await bench.end(of: id)["status"]?.string == "done")
            }
            #expect(try await bench.end(of: "expired")["reason"]?.string == "expired")
            for pool in pools { await pool.drain() }
            let history = try await bench.store.checkpoints(of: "s", limit: 100, before: nil).reversed()
            #expect(history.map(\.step) == Array(1...12))
            #expect(history.map { $0.job?.text } == ["1", "2", "3", "4"].flatMap { [$0, $0, $0] })
            #expect(zip(history, history.dropFirst()).allSatisfy { $0.timestamp < $1.timestamp })
            let log = try JSON(parsing: try #require(history.last).state)["log"]?.array?.compactMap(\.string)
            #expect(log == ["1", "2", "3", "4"].flatMap { [$0, "a", "b", "c"] })
            #expect(try await bench.job("late")["status"] == "scheduled")
            #expect(try await bench.job("due")["attempts"] == "1")
        }
    }
}
