package import PenstockModel
import PenstockRedis

/// What the jobs of a queue or of a flow are counted by.
package enum LimitScope: Hashable, Sendable {
    case queue(QueueName)
    case flow(FlowName)

    /// As the scripts name it.
    var text: String {
        switch self {
        case .queue(let name): "queue:" + name.text
        case .flow(let name): "flow:" + name.text
        }
    }
}

/// How many jobs there may be, over all workers; `nil` is no limit.
package struct JobLimits: Hashable, Sendable {
    /// How many run at once.
    package var running: Int?
    /// How many start a second, evenly.
    package var rate: Double?
    /// How many wait in the queue: beyond it `enqueue` refuses. Of no account for a flow.
    package var waiting: Int?

    package init(running: Int? = nil, rate: Double? = nil, waiting: Int? = nil) {
        self.running = running
        self.rate = rate
        self.waiting = waiting
    }

    package var isNone: Bool { self == JobLimits() }
}

extension QueueInspector {
    /// Sets the limits of a queue or a flow. What runs already is not counted.
    package func limit(_ scope: LimitScope, to limits: JobLimits) async throws(QueueError) {
        _ = try await run(
            QueueScripts.limit, on: keys.limits,
            RedisArguments(
                keys.prefix, scope.text, "running", limits.running.map(String.init) ?? "", "rate",
                limits.rate.map { "\($0)" } ?? "", "waiting", limits.waiting.map(String.init) ?? ""))
    }

    /// All limits that are set on queues, or on flows, in order of the names.
    package func limits(ofFlows: Bool) async throws(QueueError) -> [(name: String, limits: JobLimits)] {
        let words = try await ask(RedisCommand("HGETALL", keys.limits)).asArray?.compactMap(\.asString) ?? []
        let scope = ofFlows ? "flow:" : "queue:"
        var limits: [String: JobLimits] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            guard words[index].hasPrefix(scope), let colon = words[index].lastIndex(of: ":") else { continue }
            let name = String(words[index][..<colon].dropFirst(scope.count))
            switch words[index][colon...] {
            case ":running": limits[name, default: JobLimits()].running = Int(words[index + 1])
            case ":rate": limits[name, default: JobLimits()].rate = Double(words[index + 1])
            case ":waiting": limits[name, default: JobLimits()].waiting = Int(words[index + 1])
            default: break
            }
        }
        return limits.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The limits of a queue or a flow.
    package func limits(of scope: LimitScope) async throws(QueueError) -> JobLimits {
        let fields = ["running", "rate", "waiting"].map { scope.text + ":" + $0 }
        let values = try await ask(RedisCommand("HMGET", keys.limits, RedisArguments(fields))).asArray ?? []
        guard values.count == fields.count else { return JobLimits() }
        return JobLimits(
            running: values[0].asInt, rate: values[1].asString.flatMap(Double.init), waiting: values[2].asInt)
    }

    /// Lets no job be claimed from a queue. What runs goes on.
    ///
    /// - Returns: Whether that changed anything.
    package func pause(queue: QueueName) async throws(QueueError) -> Bool {
        try await ask(RedisCommand("SADD", keys.paused, queue.text)).asInt == 1
    }

    /// Lets jobs be claimed from a queue again.
    ///
    /// - Returns: Whether that changed anything.
    package func resume(queue: QueueName) async throws(QueueError) -> Bool {
        try await ask(RedisCommand("SREM", keys.paused, queue.text)).asInt == 1
    }

    /// The queues that no job is claimed from.
    package func paused() async throws(QueueError) -> Set<String> {
        Set(try await ask(RedisCommand("SMEMBERS", keys.paused)).asArray?.compactMap(\.asString) ?? [])
    }
}
