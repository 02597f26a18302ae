import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

extension QueueBench {
    /// An entry that is added, its jobs for the queue `default`. By default no occurrence of its own comes while a test looks.
    @discardableResult
    func addCron(
        _ name: CronName = "c", _ expression: String = "@yearly",
        catchUp: CronEntry.CatchUp = .standard, replaces: Bool = false
    ) async throws -> CronAdded {
        try await inspector.add(
            try cronEntry(name, expression, catchUp: catchUp), replaces: replaces)
    }

    func cronEntry(
        _ name: CronName = "c", _ expression: String = "@yearly",
        catchUp: CronEntry.CatchUp = .standard, flow: FlowName = "f"
    ) throws -> CronEntry {
        try CronEntry(
            name, CronSchedule(try CronExpression(expression)), Job(flow), catchUp: catchUp)
    }

    /// The start of this minute by Redis' clock.
    func thisMinute() async throws -> Timestamp {
        let now = try await inspector.serverTime().microseconds
        return Timestamp(microseconds: now - now % 60_000_000)
    }

    /// As time does: the entry's next occurrence is so many minutes ago, counted from the start of this minute.
    @discardableResult
    func makeCronDue(_ name: String = "c", minutesAgo: Int64) async throws -> Timestamp {
        let occurrence = Timestamp(
            microseconds: try await thisMinute().microseconds - minutesAgo * 60_000_000)
        _ = try await send("HSET", keys.cron(name), "next", occurrence.microseconds / 1000)
        _ = try await send("ZADD", keys.cron, occurrence.microseconds / 1000, name)
        return occurrence
    }

    func cronRecord(_ name: String = "c") async throws -> [String: String] {
        let parts = try await send("HGETALL", keys.cron(name)).asArray ?? []
        return Dictionary(
            stride(from: 0, to: parts.count - 1, by: 2).map {
                (parts[$0].asString ?? "", String(decoding: parts[$0 + 1].asBytes ?? [], as: UTF8.self))
            }
        ) { first, _ in first }
    }

    /// All that is stored of the entries, and the jobs that wait.
    func cronContents() async throws -> [String] {
        let index =
            try await send("ZRANGE", keys.cron, 0, -1, "WITHSCORES").asArray?.compactMap(\.asString) ?? []
        var contents = index + (try await waiting())
        for standing in try await inspector.crons() {
            contents += try await cronRecord(standing.name).map { "\(standing.name) \($0) \($1)" }.sorted()
        }
        return contents
    }

    /// What an entry stands at among the next occurrences.
    func cronScore(_ name: String = "c") async throws -> String? {
        try await send("ZSCORE", keys.cron, name).asString
    }
}

extension TestWorker {
    func dueCrons(upTo count: Int = 10) async throws -> DueCrons {
        try await calls.cronDue(upTo: count).send(over: client)
    }

    /// Deals once with all entries that are due.
    ///
    /// - Returns: The ids of the jobs that were made.
    @discardableResult
    func tick() async throws -> [String] {
        let due = try await dueCrons()
        var made: [String] = []
        for entry in due.entries {
            let plan = try CronPlan(entry, now: due.now, maxMessageBytes: 1 << 20)
            for step in plan.steps {
                let fired = try await calls.cronFire(step, of: entry).send(over: client)
                if fired == .overtaken { break }
                if fired == .fired, let job = step.job { made.append(job.id.text) }
            }
        }
        return made
    }
}
