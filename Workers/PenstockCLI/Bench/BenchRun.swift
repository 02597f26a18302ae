import Penstock
import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPlatform
import PenstockPool
import PenstockQueue
import PenstockRedis

/// One measured run of jobs, each in a session of its own.
struct BenchRun: Sendable {
    let redis: RedisAddress
    let store: any Checkpointer
    let nodes: Int
    let jobs: Int
    let slots: Int
    let stateBytes: Int

    /// What a drain took.
    struct Measured: Sendable {
        let jobs: Int
        let nodes: Int
        let slots: Int
        let elapsed: Duration
        /// Processor time of this process: worker and, where it is in this process, store.
        let workerTime: Duration
        /// Processor time of the Redis server.
        let redisTime: Duration
        /// The memory that this process holds afterwards, in bytes.
        let residentBytes: Int

        var jobsPerSecond: Double { Double(jobs) / elapsed.inSeconds }
        var checkpointsPerSecond: Double { jobsPerSecond * Double(nodes) }
    }

    private static let queue: QueueName = "bench"

    /// Has the engine run every job, so many side by side: no queue, no locks; openings, fence and checkpoints as shipped.
    func measureEngine() async throws -> Measured {
        let engine = try FlowEngine(flow, checkpointer: store)
        let input = Update<JSONObject>(partial: ["filler": .string(filler)])
        let before = ProcessFacts.processorTime
        let elapsed = try await ContinuousClock().measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for slot in 0..<slots {
                    group.addTask {
                        for job in stride(from: slot, to: jobs, by: slots) {
                            _ = try await engine.invoke(input, sessionID: SessionID(unchecked: "s\(job)"))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        return Measured(
            jobs: jobs, nodes: nodes, slots: slots, elapsed: elapsed,
            workerTime: ProcessFacts.processorTime - before, redisTime: .zero,
            residentBytes: ProcessFacts.residentBytes)
    }

    /// Jobs are pushed first, then a worker of this process runs them all, with locks, fence, results and settling as shipped.
    ///
    /// - Throws: ``Failure`` when not every job ended done: a figure for work that was not done is none.
    func measureWorker() async throws -> Measured {
        let keys = QueueKeys(prefix: "bench:\(UUIDv7Source.shared.next()):")
        let client = RedisClient(redis)
        try await push(with: client, keys)
        var settings = PoolSettings()
        settings.isBurst = true
        settings.slots = slots
        settings.queues = [Self.queue]
        let pool = WorkerPool(
            flows: [flow], store: store, redis: redis, keys: keys, settings: settings, version: Version.text,
            log: .silent)
        let redisBefore = try await processorTime(of: client)
        let before = ProcessFacts.processorTime
        let elapsed = await ContinuousClock().measure { await pool.run() }
        let used = ProcessFacts.processorTime - before
        let redisUsed = try await processorTime(of: client) - redisBefore
        try await checkEnds(with: client, keys)
        await client.close()
        return Measured(
            jobs: jobs, nodes: nodes, slots: slots, elapsed: elapsed, workerTime: used, redisTime: redisUsed,
            residentBytes: ProcessFacts.residentBytes)
    }

    private var filler: String { String(repeating: "s", count: stateBytes) }

    /// Nodes that each set one key, as a file would declare them.
    private var flow: Flow<JSONObject> {
        let names = (1...nodes).map { NodeName(unchecked: "n\($0)") }
        return Flow(
            declared: "bench", version: 1, reducers: [:],
            nodes: names.map { name in Node(name) { _, _ in Update(partial: ["at": .string(name.text)]) } },
            edges: zip([.start] + names, names + [.end]).map { Edge($0, $1) }, routes: [])
    }

    private func push(with client: RedisClient, _ keys: QueueKeys) async throws {
        let filler = filler
        for start in stride(from: 0, to: jobs, by: 500) {
            let messages = (start..<min(start + 500, jobs)).map { job in
                #"{"flow":"bench","id":"b\#(job)","session_id":"s\#(job)","input":{"filler":"\#(filler)"}}"#
            }
            _ = try await client.send(RedisCommand("LPUSH", keys.queue(Self.queue), RedisArguments(messages)))
        }
    }

    private func checkEnds(with client: RedisClient, _ keys: QueueKeys) async throws {
        for start in stride(from: 0, to: jobs, by: 500) {
            let commands = (start..<min(start + 500, jobs)).map {
                RedisCommand("HGET", keys.job("b\($0)"), "status")
            }
            for (offset, reply) in await client.sendAll(commands).enumerated() {
                let status = try reply.get().asString ?? "unknown"
                guard status == "done" else {
                    throw Failure.failed("job b\(start + offset) of the benchmark is \(status), not done")
                }
            }
        }
    }

    private func processorTime(of client: RedisClient) async throws -> Duration {
        let text = try await client.send(RedisCommand("INFO", "cpu")).asString ?? ""
        return text.split(whereSeparator: \.isNewline).reduce(.zero) { sum, line in
            guard line.hasPrefix("used_cpu_sys:") || line.hasPrefix("used_cpu_user:"),
                let seconds = line.split(separator: ":").last.flatMap({ Double($0) })
            else { return sum }
            return sum + .seconds(seconds)
        }
    }
}
