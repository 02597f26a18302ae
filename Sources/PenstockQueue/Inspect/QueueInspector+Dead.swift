import PenstockRedis

/// What came of sending one of the dead again.
package enum Exhumed: Hashable, Sendable {
    case sent
    /// There is no such dead.
    case unknown
    /// That job, which has not ended, has its unique key: it stays where it is.
    case duplicate(of: String)
}

extension QueueInspector {
    private static var page: Int { 200 }

    /// The buried jobs that a filter includes, newest first, without their messages.
    package func dead(_ filter: DeadFilter, limit: Int = .max) async throws(QueueError) -> [DeadJob] {
        var found: [DeadJob] = []
        var start = 0
        while found.count < limit {
            let reply = try await ask(
                RedisCommand("ZRANGE", keys.dead, start, start + Self.page - 1, "REV"))
            guard let names = reply.asArray?.compactMap(\.asString), !names.isEmpty else { break }
            start += names.count
            let records = try await askAll(
                names.map { RedisCommand("HMGET", keys.dead($0), RedisArguments(DeadJob.listed)) })
            for (name, reply) in zip(names, records) {
                guard let record = QueueRecord(reply, of: DeadJob.listed) else { continue }
                let dead = DeadJob(name: name, record)
                if filter.includes(dead) { found.append(dead) }
            }
        }
        return Array(found.prefix(limit))
    }

    /// The dead that a filter includes, grouped by what they died of, the largest group first.
    package func deadGroups(_ filter: DeadFilter) async throws(QueueError) -> [DeadGroup] {
        var groups: [[String]: DeadGroup] = [:]
        for job in try await dead(filter) {
            let error = Self.pattern(of: job.error)
            groups[
                [job.reason, job.flow ?? "", job.node ?? "", error],
                default: DeadGroup(
                    reason: job.reason, flow: job.flow, node: job.node, error: error, count: 0,
                    newest: job.buried, example: job.name)
            ].note(job)
        }
        return groups.values.sorted { ($1.count, $0.example) < ($0.count, $1.example) }
    }

    /// An error's first line without what differs from one job to the next: words with a digit in them.
    static func pattern(of error: String) -> String {
        let line = error.prefix { !$0.isNewline }
        return line.split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.contains(where: \.isNumber) ? "…" : String($0) }.joined(separator: " ")
    }

    /// One of the dead.
    package func dead(_ name: String) async throws(QueueError) -> DeadJob? {
        let reply = try await ask(RedisCommand("HGETALL", keys.dead(name)))
        return QueueRecord(reply).map { DeadJob(name: name, $0) }
    }

    /// Sends a buried job again, with fresh counters, to the end of its queue.
    ///
    /// - Returns: What became of it.
    package func exhume(_ name: String) async throws(QueueError) -> Exhumed {
        let reply = try await run(QueueScripts.exhume, on: keys.dead, RedisArguments(keys.prefix, name))
        let parts = reply.asArray ?? []
        return switch parts.first?.asString {
        case "sent": .sent
        case "unknown": .unknown
        case "duplicate": .duplicate(of: parts.last?.asString ?? "")
        default: throw .unexpected(reply: "exhume: \(reply)")
        }
    }

    /// Forgets one of the dead, its bytes included. The job's record stays until it expires.
    ///
    /// - Returns: Whether there was one.
    package func forget(_ name: String) async throws(QueueError) -> Bool {
        try await run(QueueScripts.forget, on: keys.dead, RedisArguments(keys.prefix, name)).asInt == 1
    }
}

extension DeadGroup {
    /// Counts one more; the newest came first.
    fileprivate mutating func note(_ job: DeadJob) {
        count += 1
        oldest = job.buried ?? oldest
    }
}
