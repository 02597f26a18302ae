import PenstockCheckpointers
import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockTesting

/// A queue and a store of a test's own, and workers on them.
struct TestBench: Sendable {
    var redis: RedisAddress
    let client: RedisClient
    let keys: QueueKeys
    var store: any Checkpointer
    /// What the store leaves in the queue's Redis.
    var traces: StoreTraces?
    /// Where its workers write.
    var log: Log = .silent

    static func make(
        store: any Checkpointer = MemoryCheckpointer(), traces: StoreTraces? = nil, redis: RedisAddress? = nil
    ) async throws -> TestBench {
        let shared = try await TestRedis.shared.address
        let redis = redis ?? shared
        return TestBench(
            redis: redis, client: RedisClient(redis), keys: QueueKeys(prefix: TestRedis.prefix()),
            store: store, traces: traces)
    }

    /// The same with another in front of the store.
    func with(store: any Checkpointer) -> TestBench {
        var bench = self
        bench.store = store
        return bench
    }

    /// The same, by way of another address of the server.
    func with(redis: RedisAddress) -> TestBench {
        var bench = self
        bench.redis = redis
        return bench
    }

    func push(_ message: String, to queue: QueueName = "default") async throws {
        _ = try await client.send(RedisCommand("LPUSH", keys.queue(queue), message))
    }

    func pool(_ flows: [any RunnableFlow], _ change: (inout PoolSettings) -> Void = { _ in }) -> WorkerPool {
        var settings = PoolSettings()
        settings.hurry()
        settings.queue.traces = traces
        change(&settings)
        return WorkerPool(
            flows: flows, store: store, redis: redis, keys: keys, settings: settings, version: "test",
            log: log)
    }

    /// A worker that works until it is told to leave; it is registered when this returns.
    func start(
        _ flows: [any RunnableFlow], _ change: (inout PoolSettings) -> Void = { _ in }
    ) async throws -> RunningPool {
        let pool = pool(flows, change)
        let isReady = Signal()
        let running = RunningPool(pool: pool, task: Task { await pool.run { isReady.send() } })
        try await isReady.wait()
        return running
    }

    /// Runs all that can be run now.
    func burst(_ flows: [any RunnableFlow], _ change: (inout PoolSettings) -> Void = { _ in }) async {
        let pool = pool(flows) { settings in
            settings.isBurst = true
            change(&settings)
        }
        await pool.run()
    }

    func job(_ id: String) async throws -> [String: String] { try await hash(keys.job(id)) }
    func dead(_ name: String) async throws -> [String: String] { try await hash(keys.dead(name)) }

    private func hash(_ key: String) async throws -> [String: String] {
        let reply = try await client.send(RedisCommand("HGETALL", key))
        let parts = (reply.asArray ?? []).map { String(decoding: $0.asBytes ?? [], as: UTF8.self) }
        return Dictionary(
            stride(from: 0, to: parts.count - 1, by: 2).map { (parts[$0], parts[$0 + 1]) }
        ) { first, _ in first }
    }

    func deadNames() async throws -> [String] {
        try await client.send(RedisCommand("ZRANGE", keys.dead, 0, -1)).asArray?.compactMap(\.asString) ?? []
    }

    func count(_ command: String, _ key: String) async throws -> Int {
        try await client.send(RedisCommand(command, key)).asInt ?? 0
    }

    /// How many messages stand in any list, or wait for their time.
    func unfinished() async throws -> Int {
        var count = try await count("ZCARD", keys.scheduled)
        for kind in ["queue:*", "processing:*", "parked:*"] {
            let names = try await client.send(RedisCommand("KEYS", keys.prefix + kind)).asArray ?? []
            for name in names.compactMap(\.asString) { count += try await self.count("LLEN", name) }
        }
        return count
    }

    /// The nodes of a session's history, oldest first.
    func path(of session: SessionID) async throws -> [String] {
        try await store.checkpoints(of: session, limit: 1000, before: nil).reversed().map(\.node)
    }

    /// Waits for the end of a job, as a producer in any language does.
    func end(of id: String) async throws -> JSON {
        let connection = RedisConnection(redis)
        let reply = try await connection.send(RedisCommand("BLPOP", keys.ended(id), 60), limit: .seconds(70))
        await connection.close()
        guard let notice = reply.asArray?.last?.asBytes else { throw NoEnd(job: id) }
        return try JSON(parsing: notice)
    }

    /// Looks until it is so.
    func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !isSo() {
            guard .now < deadline else { throw NeverSo(what: what) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The calls of a worker of which there is nothing else: it claims, and then it is dead.
    func mortal(_ queues: [QueueName] = ["default"]) async throws -> JobQueue {
        let calls = QueueCalls(
            keys: keys, worker: WorkerID(host: "mortal", pid: 1), queues: queues, settings: QueueSettings())
        let queue = JobQueue(calls: calls, client: client)
        try await queue.register(
            WorkerFacts(host: "mortal", pid: 1, flows: [], slots: 1, version: "test"))
        return queue
    }

    /// Lets a worker claim and die, and gives its claims back, as the other workers do once its heart has stood still.
    func crash(claiming count: Int = 1) async throws {
        let mortal = try await mortal()
        _ = try await mortal.claim(from: "default", upTo: count)
        try await reap(mortal.calls.worker.text)
    }

    func reap(_ worker: String) async throws {
        let judge = QueueCalls(
            keys: keys, worker: WorkerID(host: "judge", pid: 1), queues: [], settings: QueueSettings())
        while true {
            let beat =
                try await client.send(RedisCommand("ZSCORE", keys.workers, worker)).asString ?? "0"
            if case .reaped(_, isFinished: true) = try await judge.reap(worker, beat: beat, upTo: 100).send(
                over: client)
            {
                return
            }
        }
    }
}

/// A worker that runs beside the test.
struct RunningPool: Sendable {
    let pool: WorkerPool
    let task: Task<Void, Never>

    /// Asks it to leave, and waits until it has.
    func drain() async {
        pool.drain()
        await task.value
    }

    func halt() async {
        pool.halt()
        await task.value
    }
}

extension PoolSettings {
    /// Makes all waits short: locks of three seconds, and a worker is dead after one and a half.
    mutating func hurry() {
        queue.lockLife = .seconds(3)
        heart.beatInterval = .milliseconds(100)
        heart.surveyInterval = .milliseconds(25)
        heart.deadAfter = .milliseconds(1500)
        heart.lockMargin = .milliseconds(1200)
        heart.callLimit = .milliseconds(500)
        unknownFlowDelay = .seconds(500)
    }

    /// Lets the heart beat once, and neither watch the others nor its own locks: a worker that is about to be taken for dead.
    mutating func fallSilent() {
        heart.beatInterval = .seconds(3600)
        heart.surveyInterval = .seconds(3600)
        heart.lockMargin = .seconds(-3600)
        // Nobody renews it, and it has to last until the worker is taken for dead.
        queue.lockLife = .seconds(600)
    }
}

struct NoEnd: Error {
    let job: String
}

struct NeverSo: Error {
    let what: String
}
