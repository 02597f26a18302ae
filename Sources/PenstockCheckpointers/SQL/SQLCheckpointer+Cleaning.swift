package import PenstockModel
import PenstockSQL

extension SQLCheckpointer {
    /// Looks in transactions that only read, and removes what was found in one for each session. Nothing else than
    /// cleaning, reset and llmfy takes away old checkpoints, and no step comes a second time: what was found may go even though the
    /// session went on meanwhile. Only its last checkpoint needs the compare.
    package func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        var position = position ?? CleaningPosition()
        var page = CleanedPage()
        var rows = CleanedPage.mostRows
        let found = try await sessionAges(behind: position.cursor, limit: limit, retention, at: now)
        for session in found {
            guard rows > 0 else { break }
            if let limits = retention.limits(of: session.record.flow, at: now), session.mayLose(by: limits) {
                let isFinished = try await clean(
                    session.record, limits, isDryRun: isDryRun, from: &position, rows: &rows, &page)
                guard isFinished else { break }
            }
            position = CleaningPosition(behind: session.record.id)
            page.sessions += 1
        }
        if page.sessions < found.count || found.count == limit { page.next = position }
        return page
    }

    private func sessionAges(
        behind cursor: String?, limit: Int, _ retention: Retention, at now: Timestamp
    ) async throws(CheckpointerError) -> [SQLSessionAge] {
        let command = cleaning.sessions([
            .text(cursor ?? ""), .integer(Int64(limit)),
            .moment(orNever: retention.endedJobs.map { now.advanced(by: .zero - $0) }),
            .moment(orNever: retention.deadJobs.map { now.advanced(by: .zero - $0) }),
        ])
        return try await read(about: "the record of a session") { connection throws(SQLError) in
            var ages: [SQLSessionAge] = []
            for row in try connection.run(command).rows { ages.append(try SQLSessionAge(row)) }
            return ages
        }
    }

    /// - Returns: Whether nothing is left to look at in the session.
    private func clean(
        _ session: SessionRecord, _ limits: RetentionLimits, isDryRun: Bool,
        from position: inout CleaningPosition, rows: inout Int, _ page: inout CleanedPage
    ) async throws(CheckpointerError) -> Bool {
        let search = SQLCleaningSearch(
            cleaning, session: session, limits: limits, isDryRun: isDryRun, position: position, rows: rows)
        let find = try await read(about: "session \(session.id)") { connection throws(SQLError) in
            try search.find(on: connection)
        }
        page.add(find.removed, of: limits.flow)
        if isDryRun, let last = find.last { page.add(last, of: limits.flow) }
        if !isDryRun, !find.commands.isEmpty {
            let answers = try await reaching(about: "session \(session.id)") { database throws(SQLError) in
                var tries = SQLTries()
                // What a crash of the host brings back is found again by the next pass.
                return try await database.commit(tries: &tries) {
                    SQLBatch(find.commands, isDurable: false)
                }
            }
            if let last = find.last, let answer = answers.last, answer.changes > 0 {
                page.add(last, of: limits.flow)
            }
        }
        position = find.position
        rows = find.rows
        return find.isFinished
    }
}

extension CleaningPosition {
    fileprivate init(behind session: SessionID) {
        self.init()
        cursor = session.text
    }
}
