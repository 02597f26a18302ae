import PenstockModel
import PenstockPool
import PenstockQueue
import Testing

/// Workers of one queue that are set to different stores.
@Suite(.timeLimit(.minutes(1))) struct OtherStoreTests {
    /// What a worker says at its start, beside one of `queues` that works on `store`.
    private func warnings(besides store: String, of queue: QueueName) async throws -> [String] {
        let bench = try await TestBench.make()
        let other = try await bench.start([line()]) { settings in
            settings.store = store
            settings.queues = QueueOrder([queue], weights: nil)
        }
        let lines = Ledger()
        var settings = PoolSettings()
        settings.hurry()
        settings.store = "sqlite:/a.db"
        let pool = WorkerPool(
            flows: [line()], store: bench.store, redis: bench.redis, keys: bench.keys, settings: settings,
            version: "test", log: Log(to: LogSink(level: .info, format: .text) { lines.note($0) }))
        let isReady = Signal()
        let running = Task { await pool.run { isReady.send() } }
        try await isReady.wait()
        pool.drain()
        await running.value
        await other.drain()
        return lines.all.filter { $0.contains("names another store") }
    }

    @Test func `a worker says at its start that another one of its queues names another store`() async throws
    {
        let told = try await warnings(besides: "sqlite:/b.db", of: "default")
        #expect(told.count == 1)
        #expect(told[0].contains("sqlite:/a.db") && told[0].contains("sqlite:/b.db"))
        #expect(try await warnings(besides: "sqlite:/a.db", of: "default").isEmpty)
        #expect(try await warnings(besides: "sqlite:/b.db", of: "elsewhere").isEmpty)
    }
}
