import PenstockModel
import PenstockSQL

extension SQLLook {
    /// What the rows of a look say, whose columns begin at `first` in the order of ``SQLStatements/lookColumns``.
    ///
    /// - Returns: `nil` where llmfy has written last: it takes an opening to find the position.
    func session(
        in rows: some Collection<SQLRow>, from first: Int = 0
    ) throws(SQLError) -> OpenedSession? {
        guard let row = rows.first else { throw .bug(reason: "A look at a session was not answered.") }
        guard rows.count == 1 else { return nil }
        let (checkpoint, job) = (first + Self.recordWidth, first + Self.recordWidth + Self.checkpointWidth)
        var seen = OpenedSession.unseen(session, at: now)
        if try !row.isNull(at: first) { seen.record = try row.from(first).sessionRecord() }
        if try !row.isNull(at: checkpoint) {
            let latest = try row.from(checkpoint).checkpoint()
            guard latest.epoch != nil, latest.step <= seen.record.head else { return nil }
            seen.latest = latest
        }
        if try !row.isNull(at: job) { seen.job = try row.from(job).jobRecord() }
        return seen
    }

    private static let recordWidth = SQLTables.sessionColumns.split(separator: ",").count
    private static let checkpointWidth = SQLTables.checkpointColumns.split(separator: ",").count
}

extension SQLRow {
    fileprivate func from(_ column: Int) -> SQLRow { SQLRow(Array(values[column...])) }
}
