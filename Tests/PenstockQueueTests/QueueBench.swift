import PenstockModel
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

/// A queue of a test's own, and workers of which there is nothing but their calls.
struct QueueBench: Sendable {
    let client: RedisClient
    let keys: QueueKeys
    var settings = QueueSettings()

    static func make(prefix: String = TestRedis.prefix()) async throws -> QueueBench {
        QueueBench(
            client: RedisClient(try await TestRedis.shared.address), keys: QueueKeys(prefix: prefix))
    }

    /// A worker that is registered.
    func worker(_ queues: [QueueName] = ["default"], name: String = "w") async throws -> TestWorker {
        let worker = unregisteredWorker(queues, name: name)
        try await worker.register()
        return worker
    }

    var inspector: QueueInspector { QueueInspector(keys: keys, settings: settings, client: client) }

    func unregisteredWorker(_ queues: [QueueName] = ["default"], name: String = "w") -> TestWorker {
        let calls = QueueCalls(
            keys: keys, worker: WorkerID(host: name, pid: 1), queues: queues, settings: settings)
        return TestWorker(queues: queues, queue: JobQueue(calls: calls, client: client), client: client)
    }

    func send<each Argument: RedisArgument & Sendable>(
        _ name: String, _ argument: repeat each Argument
    ) async throws -> RedisReply {
        try await client.send(RedisCommand(name, repeat each argument))
    }

    // MARK: - Producing

    func push(_ messages: String..., to queue: QueueName = "default") async throws {
        for message in messages { _ = try await send("LPUSH", keys.queue(queue), message) }
    }

    func push(_ message: [UInt8], to queue: QueueName = "default") async throws {
        _ = try await send("LPUSH", keys.queue(queue), message)
    }

    /// Enqueues a job with an id of its own.
    func enqueue(_ id: JobID, session: SessionID? = nil, to queue: QueueName = "default") async throws {
        var job = Job("f")
        job.id = id
        job.session = session
        _ = try await inspector.enqueue(try CheckedJob(job, maxBytes: 1000), to: queue)
    }

    // MARK: - Looking

    private func list(_ key: String) async throws -> [String] {
        let reply = try await send("LRANGE", key, 0, -1)
        return (reply.asArray ?? []).map { String(decoding: $0.asBytes ?? [], as: UTF8.self) }
    }

    /// The waiting messages, the next to be claimed first.
    func waiting(in queue: QueueName = "default") async throws -> [String] {
        try await list(keys.queue(queue)).reversed()
    }

    /// The ids in a session's line, first in line first.
    func parked(_ session: String) async throws -> [String] {
        try await list(keys.parked(session)).map { Self.id(of: $0) }
    }

    func waitingIDs(in queue: QueueName = "default") async throws -> [String] {
        try await waiting(in: queue).map { Self.id(of: $0) }
    }

    static func id(of message: String) -> String {
        guard let start = message.firstRange(of: "\"id\":\"")?.upperBound else { return "" }
        return String(message[start...].prefix { $0 != "\"" })
    }

    func turn(_ session: String) async throws -> String? {
        try await send("GET", keys.turn(session)).asString
    }
    func lock(_ session: String) async throws -> String? {
        try await send("GET", keys.lock(session)).asString
    }
    func exists(_ key: String) async throws -> Bool { try await send("EXISTS", key).asInt == 1 }

    func record(_ id: String) async throws -> [String: String] { try await hash(keys.job(id)) }
    func dead(_ name: String) async throws -> [String: String] { try await hash(keys.dead(name)) }

    private func hash(_ key: String) async throws -> [String: String] {
        let parts = try await send("HGETALL", key).asArray ?? []
        var hash: [String: String] = [:]
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            hash[parts[index].asString ?? ""] = String(
                decoding: parts[index + 1].asBytes ?? [], as: UTF8.self)
        }
        return hash
    }

    /// The names of the dead, oldest first.
    func deadNames() async throws -> [String] {
        try await send("ZRANGE", keys.dead, 0, -1).asArray?.compactMap(\.asString) ?? []
    }

    func notices(of id: String) async throws -> [String] { try await list(keys.ended(id)) }

    func scheduledIDs() async throws -> [String] {
        let members = try await send("ZRANGE", keys.scheduled, 0, -1).asArray ?? []
        return members.map { Self.id(of: String(decoding: $0.asBytes ?? [], as: UTF8.self)) }
    }

    /// Every key, with all that Redis keeps under it.
    func everything() async throws -> [String: [UInt8]] {
        let names = try await send("KEYS", keys.prefix + "*").asArray?.compactMap(\.asString) ?? []
        var all: [String: [UInt8]] = [:]
        for name in names { all[name] = try await send("DUMP", name).asBytes ?? [] }
        return all
    }

    // MARK: - Time

    /// Puts all that is scheduled into the past, in its order.
    func makeAllDue() async throws {
        for member in try await send("ZRANGE", keys.scheduled, 0, -1).asArray ?? [] {
            _ = try await send("ZINCRBY", keys.scheduled, -1_000_000_000_000, member.asBytes ?? [])
        }
    }

    /// As time does with a lock that nobody renews.
    func expireLock(of session: String) async throws {
        _ = try await send("DEL", keys.lock(session))
    }
}

/// A worker's calls, without anything that beats or works by itself.
struct TestWorker: Sendable {
    let queues: [QueueName]
    let queue: JobQueue
    let client: RedisClient

    var calls: QueueCalls { queue.calls }
    var name: String { calls.worker.text }

    func register() async throws {
        try await queue.register(
            WorkerFacts(host: "test", pid: 1, flows: ["f"], slots: 4, version: "test"))
    }

    func claim(_ count: Int = 1, from queue: QueueName = "default") async throws -> [Claim] {
        guard case .claimed(let claims, _, _) = try await self.queue.claim(from: queue, upTo: count) else {
            throw NotRegistered()
        }
        return claims
    }

    /// Claims what has to be there.
    func claimOne(from queue: QueueName = "default") async throws -> Claim {
        try #require(try await claim(from: queue).first)
    }

    @discardableResult
    func settle(
        _ claim: Claim, as settlement: Settlement, slot: Int = 0, takesNext: Bool = false
    ) async throws -> Settled {
        try await queue.settle(
            calls.settle(
                claim, as: settlement, slot: slot, next: takesNext ? calls.nextClaimNumber() : nil))
    }

    /// The messages that it holds, the newest first.
    func processing(_ queue: QueueName = "default") async throws -> [String] {
        let reply = try await client.send(
            RedisCommand("LRANGE", calls.keys.processing(calls.worker, queue), 0, -1))
        return (reply.asArray ?? []).map { String(decoding: $0.asBytes ?? [], as: UTF8.self) }
    }

    func beat(renewing claims: [Claim] = []) async throws -> BeatAnswer {
        try await calls.beat(renewing: claims.map { ($0.session, $0.number) }).send(over: client)
    }

    func survey() async throws -> Survey {
        try await calls.survey(reaps: true, maxDue: 100).send(over: client)
    }

    /// The beat counter as a judge sees it.
    func beatCount() async throws -> String {
        try await client.send(RedisCommand("ZSCORE", calls.keys.workers, name)).asString ?? ""
    }

    func reap(_ dead: TestWorker, beat: String? = nil, upTo count: Int = 100) async throws -> ReapAnswer {
        let counted = try await dead.beatCount()
        return try await calls.reap(dead.name, beat: beat ?? counted, upTo: count).send(over: client)
    }

    func recover(running: [Claim] = [], unlockedToo: Bool = true) async throws -> Int {
        try await queue.recover(
            running: running.map(\.number), upTo: calls.lastNumber, unlockedToo: unlockedToo)
    }
}

struct NotRegistered: Error {}

extension Settled {
    var isSettled: Bool { if case .settled = self { true } else { false } }
    var isRefused: Bool { if case .notHeld = self { true } else { false } }
    var isDue: Bool { if case .due = self { true } else { false } }
    var isOutOfPatience: Bool { if case .outOfPatience = self { true } else { false } }
    var next: Claim? { if case .settled(let next) = self { next } else { nil } }
}

/// A message of a session's job.
func message(_ id: String, session: String = "s", flow: String = "f") -> String {
    #"{"flow":"\#(flow)","session_id":"\#(session)","id":"\#(id)"}"#
}
