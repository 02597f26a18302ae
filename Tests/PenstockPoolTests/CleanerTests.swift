import PenstockCheckpointers
import PenstockEngine
import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

@testable import PenstockPool

@Suite(.timeLimit(.minutes(1)))
struct CleanerTests {
    private let count = RetentionRule(checkpoints: 2)

    /// Sessions with five checkpoints each.
    private func fill(_ store: any Checkpointer, _ sessions: SessionID..., flow: String = "count")
        async throws
    {
        for session in sessions {
            let job = JobID(unchecked: session.text)
            let opened = try await store.open(session, for: job, as: "test")
            for step in 1...5 {
                let now = Timestamp(microseconds: Int64(step) * 1000)
                let checkpoint = Checkpoint(
                    id: CheckpointID(UUIDv7Source.shared.next()), session: session, timestamp: now, node: "n",
                    step: step, state: Array("{}".utf8), next: ["n"])
                try await store.save(
                    Save(
                        session: session, epoch: opened.record.epoch, owner: "test", seen: step - 1,
                        checkpoint: checkpoint, flow: flow, version: 1, status: .running, job: nil))
            }
        }
    }

    private func steps(_ store: any Checkpointer, _ session: SessionID) async throws -> [Int] {
        try await store.checkpoints(of: session, limit: 9, before: nil).map(\.step)
    }

    /// The cleaner of a worker of its own.
    private func cleaner(
        _ bench: TestBench, _ rules: [String: RetentionRule], log: Log = .silent,
        _ change: (inout CleaningSettings) -> Void = { _ in }
    ) async throws -> Cleaner {
        var settings = CleaningSettings()
        settings.delay = .zero
        change(&settings)
        return Cleaner(
            of: bench.store, keeping: Retention(flows: rules), queue: try await bench.mortal(),
            settings: settings, log: log)
    }

    @Test(arguments: StoreDriver.all)
    func `of two workers one makes the pass`(_ driver: StoreDriver) async throws {
        try await driver.withBench { bench in
            try await fill(bench.store, "s", "t")
            let first = try await cleaner(bench, ["count": count])
            let second = try await cleaner(bench, ["count": count])
            async let one = first.pass()
            async let two = second.pass()
            let passes = try await [one, two].compactMap(\.self)
            #expect(passes == [Removed(checkpoints: 6, bytes: 12)])
            #expect(try await steps(bench.store, "s") == [5, 4])

            // A third that starts within the hour makes none either, and once its time is over it does.
            let third = try await cleaner(bench, ["count": count])
            #expect(try await third.pass() == nil)
            _ = try await bench.client.send(RedisCommand("DEL", bench.keys.prefix + "cleaning:count"))
            #expect(try await third.pass() == Removed())
        }
    }

    @Test func `each flow has a turn of its own, and a worker leaves those alone that it does not have`()
        async throws
    {
        let bench = try await TestBench.make()
        try await fill(bench.store, "a", flow: "a")
        try await fill(bench.store, "b", flow: "b")
        try await fill(bench.store, "c", flow: "c")
        let first = try await cleaner(bench, ["a": count])
        #expect(try await first.pass() == Removed(checkpoints: 3, bytes: 6))
        let second = try await cleaner(bench, ["a": RetentionRule(checkpoints: 1), "b": count])
        #expect(try await second.pass() == Removed(checkpoints: 3, bytes: 6))
        #expect(try await steps(bench.store, "a") == [5, 4])
        #expect(try await steps(bench.store, "b") == [5, 4])
        #expect(try await steps(bench.store, "c") == [5, 4, 3, 2, 1])
    }

    @Test func `a pass ends when its turn is another's`() async throws {
        let store = BreakableStore()
        let bench = try await TestBench.make(store: store)
        try await fill(store, "s", "t", "u")
        store.afterClean = {
            // As if this worker had stood still for so long that its time was over.
            _ = try await bench.client.send(
                RedisCommand("SET", bench.keys.prefix + "cleaning:count", "other"))
        }
        let cleaner = try await cleaner(bench, ["count": count]) { $0.pageSize = 1 }
        #expect(try await cleaner.pass() == Removed(checkpoints: 3, bytes: 6))
        #expect(try await steps(store, "t").count == 5)
    }

    @Test func `what fails is left to the next pass, and what was removed is told`() async throws {
        let lines = Ledger()
        let log = Log(to: LogSink(level: .info, format: .text) { lines.note($0) })
        let store = BreakableStore()
        let bench = try await TestBench.make(store: store)
        try await fill(store, "s", "t")
        store.trouble = .unavailable(reason: "away")
        let cleaner = try await cleaner(bench, ["count": count], log: log) { $0.interval = .milliseconds(20) }
        let cleaning = Task { await cleaner.clean() }
        try await bench.until("it has failed") { lines.all.contains { $0.contains("left to the next pass") } }
        store.trouble = nil
        try await bench.until("it is cleaned") { lines.all.contains { $0.contains("cleaned the store") } }
        cleaning.cancel()
        await cleaning.value
        #expect(try await steps(store, "t") == [5, 4])
        let told = lines.all.filter { $0.contains("cleaned the store") }
        #expect(told.count == 1)
        #expect(told.first?.contains("checkpoints=6 bytes=12 jobs=0") == true)
    }

    @Test func `a worker cleans by its settings and its flows, and leaves at once when told to`() async throws
    {
        let bench = try await TestBench.make()
        try await fill(bench.store, "s")
        try await fill(bench.store, "t", flow: "own")
        let flows = [
            counting(1),
            Flow<Count>("own", version: 1) {
                Node("n") { _, _ in .none }
                Edge(.start, "n")
                Edge("n", .end)
            }.retention(checkpoints: 4),
        ]
        let running = try await bench.start(flows) { settings in
            settings.retention.checkpoints = 2
            settings.retention.age = nil
            settings.cleaning.delay = .zero
        }
        try await bench.until("both are cleaned") {
            let (one, other) = (try await steps(bench.store, "s"), try await steps(bench.store, "t"))
            return one == [5, 4] && other == [5, 4, 3, 2]
        }
        await running.drain()
    }

    @Test func `a burst leaves cleaning to others`() async throws {
        let bench = try await TestBench.make()
        try await fill(bench.store, "s")
        await bench.burst([counting(1)]) { settings in
            settings.retention.checkpoints = 1
            settings.cleaning.delay = .zero
        }
        #expect(try await bench.count("EXISTS", bench.keys.prefix + "cleaning:count") == 0)
        #expect(try await steps(bench.store, "s").count == 5)
    }

    @Test func `a worker's rules are its flows' over its settings'`() {
        var settings = PoolSettings()
        settings.queue.recordLife = .seconds(7)
        settings.queue.deadLife = .seconds(70)
        let flows = [
            counting(1), counting(1).retention(checkpoints: 5),
            counting(1).retention(checkpoints: 0, age: .zero),
            counting(1).retention(age: .seconds(9)),
        ].map(\.runner)
        let standard = settings.retention
        let rules = flows.map { settings.retention(of: [$0]).flows["count"] }
        #expect(
            rules == [
                standard, RetentionRule(checkpoints: 5, age: standard.age), RetentionRule(),
                RetentionRule(checkpoints: standard.checkpoints, age: .seconds(9)),
            ])
        let retention = settings.retention(of: flows)
        #expect(retention.standard == nil)
        #expect(retention.endedJobs == .seconds(7))
        // Longer than the dead list keeps the job.
        #expect(retention.deadJobs ?? .zero > .seconds(70))
    }
}
