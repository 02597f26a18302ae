package import PenstockModel
import PenstockRedis

extension RedisCheckpointer {
    /// Goes through the sessions by SCAN, which may name one twice: in a dry run it is then counted twice. Records of jobs
    /// have a time to live of their own.
    package func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        var position = position ?? CleaningPosition(cursor: Self.firstCursor)
        if position.sessions.isEmpty, let cursor = position.cursor {
            let found: [String]
            (found, position.cursor) = try await scan(keys.heads, type: "hash", from: cursor)
            let ids = Set(found.filter(SessionID.accepts))
            position.sessions = ids.map(SessionID.init(unchecked:)).sorted()[...]
        }
        var page = CleanedPage()
        var rows = CleanedPage.mostRows
        let sessions = Array(position.sessions.prefix(min(limit, Self.agesAtOnce)))
        for limits in try await limits(of: sessions, by: retention, at: now) {
            if let limits {
                guard let session = position.sessions.first, rows > 0 else { break }
                let isFinished = try await clean(
                    session, limits, isDryRun: isDryRun, from: &position, rows: &rows, &page)
                guard isFinished else { break }
            }
            position.advance()
            page.sessions += 1
        }
        if !position.sessions.isEmpty || position.cursor != nil { page.next = position }
        return page
    }

    /// How many sessions one script tells of, which keeps Redis busy for less than a millisecond.
    private static let agesAtOnce = 200

    /// What goes from each session; `nil` for those that have nothing to look at.
    private func limits(
        of sessions: [SessionID], by retention: Retention, at now: Timestamp
    ) async throws(CheckpointerError) -> [RetentionLimits?] {
        guard !sessions.isEmpty else { return [] }
        let reply = try await run(
            RedisScripts.ages, keys: sessions.flatMap { [keys.head($0), keys.session($0)] },
            arguments: RedisArguments())
        let answer = try RedisFields(reply, count: sessions.count * 3, of: RedisScripts.ages.name)
        var limits: [RetentionLimits?] = []
        for place in sessions.indices {
            let count = try answer.integer(place * 3 + 1)
            guard let flow = RedisHead.flow(in: answer.text(place * 3) ?? ""),
                let oldest = answer.text(place * 3 + 2).flatMap(Double.init),
                let found = retention.limits(of: flow, at: now),
                found.count.map({ count > $0 }) ?? false
                    || found.oldest.map({ oldest * 1_000_000 < Double($0.microseconds) }) ?? false
            else {
                limits.append(nil)
                continue
            }
            limits.append(found)
        }
        return limits
    }

    /// - Returns: Whether nothing is left to look at in the session.
    private func clean(
        _ session: SessionID, _ limits: RetentionLimits, isDryRun: Bool,
        from position: inout CleaningPosition, rows: inout Int, _ page: inout CleanedPage
    ) async throws(CheckpointerError) -> Bool {
        let reply = try await run(
            RedisScripts.clean, keys: [keys.head(session), keys.session(session)],
            arguments: RedisArguments(
                keys.checkpoints, keys.results, limits.count.map { "\($0)" } ?? "",
                limits.oldest.map(RedisHead.score) ?? "", limits.idle.map { "\($0.microseconds)" } ?? "",
                position.offset, rows, position.kept, isDryRun ? 0 : 1))
        let answer = try RedisFields(reply, count: 5, of: RedisScripts.clean.name)
        position.offset = try answer.integer(0)
        position.kept = try answer.integer(1)
        rows -= try answer.integer(2)
        let removed = Removed(checkpoints: try answer.integer(3), bytes: try answer.integer(4))
        page.add(removed, of: limits.flow)
        return position.offset < 0
    }
}

extension CleaningPosition {
    fileprivate init(cursor: String) {
        self.init()
        self.cursor = cursor
    }
}
