import PenstockModel
import PenstockQueue
import PenstockRedis

/// What the queue needs of its Redis, and what it has.
struct RedisExamination {
    private static let pings = 100
    private static let mostClockDifference: Duration = .seconds(5)

    private let inspector: QueueInspector
    private let prefix: String

    init(_ inspector: QueueInspector, prefix: String) {
        self.inspector = inspector
        self.prefix = prefix
    }

    func findings() async throws(QueueError) -> [Finding] {
        let server = try await inspector.server()
        return [
            Finding("version", server.version), Finding("role", server.role),
            Finding("eviction", server.eviction(of: .jobs)),
            Finding("persistence", server.persistence(of: .jobs)),
            server.cluster(prefix: prefix).map { Finding("cluster", $0) },
            Finding("redis", "latency", try await latency().text), try await clock(),
        ].compactMap(\.self)
    }

    private func latency() async throws(QueueError) -> Timings {
        var timings: [Duration] = []
        for _ in 0..<Self.pings {
            let start = ContinuousClock.now
            try await inspector.ping()
            timings.append(.now - start)
        }
        return Timings(timings)
    }

    /// How far Redis' clock is from ours: nothing hangs on it but what people read, and `not_before`.
    private func clock() async throws(QueueError) -> Finding {
        let before = WallClock.system.now()
        let theirs = try await inspector.serverTime()
        let after = WallClock.system.now()
        let ours = (before.microseconds + after.microseconds) / 2
        let difference = Duration.microseconds(theirs.microseconds - ours)
        let size = max(difference, .zero - difference)
        let direction = difference < .zero ? "behind" : "ahead"
        return Finding(
            "redis", "clock", "\(Ago.length(size)) \(direction)",
            complaint: size > Self.mostClockDifference ? "the clocks of Redis and of this host differ" : nil)
    }
}

extension Finding {
    fileprivate init(_ name: String, _ fact: RedisServerFacts.Fact) {
        self.init("redis", name, fact.value, complaint: fact.complaint)
    }
}
