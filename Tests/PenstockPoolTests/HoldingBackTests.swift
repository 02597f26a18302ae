import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import Synchronization
import Testing

/// Paused queues, limits and weights under workers that run.
@Suite struct HoldingBackTests {
    /// How many are at something at once, and the most that ever were.
    private final class Crowd: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        var most: Int { counts.withLock(\.most) }
        func enter() {
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
        }
        func leave() { counts.withLock { $0.now -= 1 } }
    }

    private func inspector(_ bench: TestBench) -> QueueInspector {
        QueueInspector(keys: bench.keys, settings: QueueSettings(), client: bench.client)
    }

    @Test(arguments: [LimitScope.queue("default"), .flow("line")])
    func `no more than so many run at once over all workers, and all of them do`(_ scope: LimitScope)
        async throws
    {
        let bench = try await TestBench.make()
        let crowd = Crowd()
        let flow = line(nodes: ["a"]) { _ in
            crowd.enter()
            await Task.yield()
            crowd.leave()
        }
        try await inspector(bench).limit(scope, to: JobLimits(running: 2))
        for id in 1...40 { try await bench.push(#"{"flow":"line","id":"\#(id)"}"#) }
        let pools = [try await bench.start([flow]), try await bench.start([flow])]
        for id in 1...40 { #expect(try await bench.end(of: "\(id)")["status"]?.string == "done") }
        for pool in pools { await pool.drain() }
        #expect((1...2).contains(crowd.most))
        #expect(try await bench.unfinished() == 0)
    }

    @Test func `starts are spread, and none is lost`() async throws {
        let bench = try await TestBench.make()
        try await inspector(bench).limit(.flow("line"), to: JobLimits(rate: 100))
        for id in 1...40 { try await bench.push(#"{"flow":"line","id":"\#(id)"}"#) }
        let pool = try await bench.start([line(nodes: ["a"])])
        let start = ContinuousClock.now
        for id in 1...40 { #expect(try await bench.end(of: "\(id)")["status"]?.string == "done") }
        // Ten are in the bucket at once, and ten milliseconds bring another.
        #expect(.now - start > .milliseconds(200))
        await pool.drain()
    }

    @Test func `a paused queue rests and another goes on, until it is resumed`() async throws {
        let bench = try await TestBench.make()
        let inspector = inspector(bench)
        _ = try await inspector.pause(queue: "default")
        let pool = try await bench.start([line()]) { $0.queues = ["default", "other"] }
        try await bench.push(#"{"flow":"line","id":"j"}"#)
        try await bench.push(#"{"flow":"line","id":"k"}"#, to: "other")
        #expect(try await bench.end(of: "k")["status"]?.string == "done")
        #expect(try await bench.job("j").isEmpty)
        _ = try await inspector.resume(queue: "default")
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        await pool.drain()
    }

    @Test func `queues without weights are looked into in their order, with weights in proportion`() {
        #expect(QueueOrder(["a", "b", "c"]).order() == [0, 1, 2])
        let weighted = QueueOrder(["a", "b", "c"], weights: [6, 3, 1])
        var random = SeededNumbers(seed: 1)
        var firsts = [0, 0, 0]
        for _ in 0..<10_000 {
            let order = weighted.order(using: &random)
            #expect(order.sorted() == [0, 1, 2])
            firsts[order[0]] += 1
        }
        for (count, expected) in zip(firsts, [6000, 3000, 1000]) {
            #expect(abs(count - expected) < 300)
        }
    }
}
