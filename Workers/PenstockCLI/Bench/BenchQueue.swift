import Penstock
import PenstockEngine
import PenstockExecutors
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis

/// A queue that one run has to itself, and what a producer does with it.
struct BenchQueue: Sendable {
    private let redis: RedisAddress
    private let keys: QueueKeys
    private let client: RedisClient
    /// Another, since what waits holds up what comes after it.
    private let ear: RedisConnection

    init(_ redis: RedisAddress) {
        self.redis = redis
        keys = QueueKeys(prefix: "bench:\(UUIDv7Source.shared.next()):")
        client = RedisClient(redis)
        ear = RedisConnection(redis)
    }

    func close() async {
        await client.close()
        await ear.close()
    }

    func pool(
        _ flows: [any RunnableFlow], over store: any Checkpointer, slots: Int, isBurst: Bool = false,
        tracedBy traces: StoreTraces?, on loop: SocketLoop
    ) -> WorkerPool {
        var settings = PoolSettings()
        settings.queue.traces = traces
        settings.isBurst = isBurst
        settings.slots = slots
        settings.queues = [BenchRun.queue]
        return WorkerPool(
            flows: flows, store: store, redis: redis, keys: keys, settings: settings, version: Version.text,
            log: .silent, on: loop)
    }

    /// Pushes so many messages, in their order.
    func push(_ count: Int, _ message: (Int) -> String) async throws {
        for start in stride(from: 0, to: count, by: 500) {
            let messages = (start..<min(start + 500, count)).map(message)
            _ = try await client.send(
                RedisCommand("LPUSH", keys.queue(BenchRun.queue), RedisArguments(messages)))
        }
    }

    /// Has a producer's client enqueue so many jobs, some thousand a call, in a queue that nobody works at. How long it took.
    func enqueue(_ count: Int, of flow: FlowName, with input: JSONObject) async throws -> Duration {
        guard case .unix(let path) = redis.place else { return .zero }
        let producer = try JobClient("redis+unix://" + path, prefix: keys.prefix)
        let elapsed = try await ContinuousClock().measure {
            for start in stride(from: 0, to: count, by: 2000) {
                let jobs = (start..<min(start + 2000, count)).map {
                    Job(flow, session: SessionID(unchecked: "s\($0)"), input: input)
                }
                _ = try await producer.enqueue(jobs, to: "enqueued")
            }
        }
        await producer.close()
        return elapsed
    }

    /// - Throws: ``Failure`` when it does not end within a minute.
    func waitForEnd(of job: String) async throws {
        let patience = Duration.seconds(60)
        let ended = keys.ended(job)
        let command = RedisCommand("BLMOVE", ended, ended, "RIGHT", "LEFT", patience.blockingSeconds)
        let notice = try await ear.send(command, limit: patience + .seconds(5))
        guard !notice.isNull else {
            throw Failure.failed("job \(job) of the benchmark did not end within a minute")
        }
    }

    /// - Throws: ``Failure`` when one of the jobs has not ended done.
    func checkEnds(of jobs: [String]) async throws {
        for start in stride(from: 0, to: jobs.count, by: 500) {
            let some = jobs[start..<min(start + 500, jobs.count)]
            let replies = await client.sendAll(some.map { RedisCommand("HGET", keys.job($0), "status") })
            for (job, reply) in zip(some, replies) {
                let status = try reply.get().asString ?? "unknown"
                guard status == "done" else {
                    throw Failure.failed("job \(job) of the benchmark is \(status), not done")
                }
            }
        }
    }

    /// What the server has used of the processor so far.
    func processorTime() async throws -> Duration {
        let text = try await client.send(RedisCommand("INFO", "cpu")).asString ?? ""
        return text.split(whereSeparator: \.isNewline).reduce(.zero) { sum, line in
            guard line.hasPrefix("used_cpu_sys:") || line.hasPrefix("used_cpu_user:"),
                let seconds = line.split(separator: ":").last.flatMap({ Double($0) })
            else { return sum }
            return sum + .seconds(seconds)
        }
    }
}
