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

    /// What all the dead are called, or those that were buried for a reason; newest first.
    package func deadNames(for reason: String?) async throws(QueueError) -> [String] {
        let reply = try await ask(RedisCommand("ZRANGE", keys.dead, 0, -1, "REV"))
        let names = reply.asArray?.compactMap(\.asString) ?? []
        guard let reason else { return names }
        var found: [String] = []
        for start in stride(from: 0, to: names.count, by: Self.page) {
            let page = names[start..<min(start + Self.page, names.count)]
            let reasons = try await askAll(page.map { RedisCommand("HGET", keys.dead($0), "reason") })
            found += zip(page, reasons).filter { $1.asString == reason }.map(\.0)
        }
        return found
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
