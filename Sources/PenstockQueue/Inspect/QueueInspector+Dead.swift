import PenstockRedis

extension QueueInspector {
    private static var page: Int { 200 }

    /// The buried jobs, newest first; only those buried for a reason, when one is given.
    package func dead(for reason: String?, limit: Int) async throws(QueueError) -> [DeadJob] {
        var found: [DeadJob] = []
        var start = 0
        while found.count < limit {
            let reply = try await ask(
                RedisCommand("ZRANGE", keys.dead, start, start + Self.page - 1, "REV"))
            guard let names = reply.asArray?.compactMap(\.asString), !names.isEmpty else { break }
            start += names.count
            let records = try await askAll(names.map { RedisCommand("HGETALL", keys.dead($0)) })
            for (name, reply) in zip(names, records) {
                guard let record = QueueRecord(reply) else { continue }
                let dead = DeadJob(name: name, record)
                if reason == nil || dead.reason == reason { found.append(dead) }
            }
        }
        return Array(found.prefix(limit))
    }

    /// One of the dead.
    package func dead(_ name: String) async throws(QueueError) -> DeadJob? {
        let reply = try await ask(RedisCommand("HGETALL", keys.dead(name)))
        return QueueRecord(reply).map { DeadJob(name: name, $0) }
    }

    /// Sends a buried job again, with fresh counters, to the end of its queue.
    ///
    /// - Returns: Whether there was one.
    package func exhume(_ name: String) async throws(QueueError) -> Bool {
        try await !run(QueueScripts.exhume, on: keys.dead, RedisArguments(keys.prefix, name)).isNull
    }

    /// Forgets one of the dead, its bytes included. The job's record stays until it expires.
    ///
    /// - Returns: Whether there was one.
    package func forget(_ name: String) async throws(QueueError) -> Bool {
        try await run(QueueScripts.forget, on: keys.dead, RedisArguments(keys.prefix, name)).asInt == 1
    }
}
