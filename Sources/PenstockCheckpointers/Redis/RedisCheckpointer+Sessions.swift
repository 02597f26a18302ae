package import PenstockModel
import PenstockRedis

extension RedisCheckpointer {
    package func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        try await summaries(of: [session], readingLatest: true).first
    }

    package func sessions(
        limit: Int, after session: SessionID?
    ) async throws(CheckpointerError) -> [SessionSummary] {
        guard limit > 0 else { return [] }
        var ids = try await sessionIDs().filter { id in session.map { $0 < id } ?? true }.sorted()[...]
        var summaries: [SessionSummary] = []
        while !ids.isEmpty, summaries.count < limit {
            // Fewer come back than are asked for when sessions are forgotten meanwhile.
            let page = ids.prefix(min(limit - summaries.count, Self.sessionsAtOnce))
            ids = ids.dropFirst(page.count)
            summaries += try await self.summaries(of: Array(page), readingLatest: true)
        }
        return summaries
    }

    package func size() async throws(CheckpointerError) -> StoreSize {
        var size = StoreSize(sessions: 0, checkpoints: 0, bytes: 0)
        var ids = try await sessionIDs()[...]
        while !ids.isEmpty {
            let page = ids.prefix(Self.sessionsAtOnce)
            ids = ids.dropFirst(page.count)
            for summary in try await summaries(of: Array(page), readingLatest: false) {
                size.sessions += 1
                size.checkpoints += summary.checkpoints
                size.bytes += summary.bytes
            }
        }
        return size
    }

    package func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? {
        let reply = try await run(
            RedisScripts.job, keys: [keys.result(job)], arguments: RedisArguments(keys.heads))
        let answer = try RedisFields(reply, count: 2, of: RedisScripts.job.name)
        guard let bytes = answer.bytes(0) else { return nil }
        return try RedisJobRecord.read(bytes, of: job, forgottenBelow: answer.integerIfPresent(1))
    }

    /// How many sessions are summed up in one go.
    private static let sessionsAtOnce = 32

    /// The sessions that have a head or checkpoints, in no order. Goes over all keys of the database, in small steps.
    private func sessionIDs() async throws(CheckpointerError) -> [SessionID] {
        var ids: Set<String> = []
        try await scan(keys.heads, type: "hash") { page in ids.formUnion(page) }
        try await scan(keys.sessions, type: "zset") { page in ids.formUnion(page) }
        // llmfy takes other ids too; those sessions cannot be named here.
        return ids.filter(SessionID.accepts).map(SessionID.init(unchecked:))
    }

    private func summaries(
        of sessions: [SessionID], readingLatest: Bool
    ) async throws(CheckpointerError) -> [SessionSummary] {
        let reply = try await run(
            RedisScripts.summary, keys: sessions.flatMap { [keys.head($0), keys.session($0)] },
            arguments: RedisArguments(keys.checkpoints, readingLatest ? 1 : 0))
        guard let answers = reply.asArray, answers.count == sessions.count else {
            throw .unexpected(reply, to: RedisScripts.summary.name)
        }
        var summaries: [SessionSummary] = []
        for (session, answer) in zip(sessions, answers) where answer != .array([]) {
            let fields = try RedisFields(answer, count: 10, of: RedisScripts.summary.name)
            var record = try RedisHead.record(
                of: session, epoch: try fields.integer(0), owner: fields.text(1) ?? "",
                head: try fields.integer(2), standing: fields.text(3), created: try fields.integer(4),
                updated: try fields.integer(5))
            if let theirs = fields.integerIfPresent(9) {
                record.updated = max(record.updated, Timestamp(microseconds: Int64(theirs)))
            }
            summaries.append(
                SessionSummary(
                    record: record,
                    checkpoints: try fields.integer(6), bytes: try fields.integer(7),
                    metadata: try fields.checkpoint(8, of: session)?.metadata))
        }
        return summaries
    }

    /// Hands on what stands behind `start` in the names of the keys that begin with it, page by page; a key may come twice.
    func scan(
        _ start: String, type: String, _ use: ([String]) async throws(CheckpointerError) -> Void
    ) async throws(CheckpointerError) {
        var cursor: String? = Self.firstCursor
        while let from = cursor {
            let found: [String]
            (found, cursor) = try await scan(start, type: type, from: from)
            if !found.isEmpty { try await use(found) }
        }
    }

    static let firstCursor = "0"

    /// One step of a scan: what it found, and the cursor of the next step, `nil` after the last.
    func scan(
        _ start: String, type: String, from cursor: String
    ) async throws(CheckpointerError) -> (found: [String], next: String?) {
        let reply = try await send(
            RedisCommand(
                "SCAN", cursor, "MATCH", RedisPattern.beginning(with: start), "COUNT", 1000, "TYPE", type))
        guard let answer = reply.asArray, answer.count == 2, let next = answer[0].asString,
            let names = answer[1].asArray
        else { throw .unexpected(reply, to: "SCAN") }
        let found = names.compactMap(\.asString).map { String($0.dropFirst(start.count)) }
        return (found, next == Self.firstCursor ? nil : next)
    }
}
