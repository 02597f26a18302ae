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
            version(server), role(server), eviction(server), persistence(server), cluster(server),
            Finding("redis", "latency", try await latency().text), try await clock(),
        ].compactMap(\.self)
    }

    private func version(_ server: ServerFacts) -> Finding {
        let version = server["redis_version"] ?? "unknown"
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        let isOld = numbers.count >= 2 && (numbers[0], numbers[1]) < (6, 2)
        return Finding("redis", "version", version, complaint: isOld ? "Redis 6.2 or later is needed" : nil)
    }

    private func role(_ server: ServerFacts) -> Finding {
        let role = server["role"] ?? "unknown"
        return Finding(
            "redis", "role", role, complaint: role == "slave" ? "this is a replica: it takes no writes" : nil)
    }

    private func eviction(_ server: ServerFacts) -> Finding {
        let (rule, complaint) = server.eviction
        return Finding("redis", "eviction", rule, complaint: complaint)
    }

    private func persistence(_ server: ServerFacts) -> Finding {
        let fsync = server["appendfsync"] ?? "unknown"
        guard server["aof_enabled"] != "1" else {
            let complaint: String? =
                if server["aof_last_write_status"] == "err" {
                    "Redis failed to write its append-only file"
                } else if fsync == "no" {
                    "a power cut loses what the system had not written yet; set appendfsync to everysec or always"
                } else {
                    nil
                }
            return Finding("redis", "persistence", "append-only file, fsync \(fsync)", complaint: complaint)
        }
        let save = server["save"] ?? "unknown"
        return save.isEmpty
            ? Finding(
                "redis", "persistence", "none",
                complaint: "a restart of Redis loses every job that has not ended; set appendonly to yes")
            : Finding(
                "redis", "persistence", "snapshots (save \(save))",
                complaint: "a crash of Redis loses the jobs since the last snapshot; set appendonly to yes")
    }

    private func cluster(_ server: ServerFacts) -> Finding? {
        guard server["cluster_enabled"] == "1" else { return nil }
        return Finding(
            "redis", "cluster", "prefix \(prefix)",
            complaint: RedisSlot.tag(of: prefix) != nil
                ? nil : "the keys of a script have to be in one slot: choose a prefix such as {penstock}:")
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
