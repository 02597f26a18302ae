import PenstockModel
import PenstockSQL

/// Finds what is no longer kept of one session: its jobs first, then its checkpoints from the oldest on, then its last checkpoint.
struct SQLCleaningSearch: Sendable {
    private let statements: SQLCleaning
    private let session: SessionRecord
    private let limits: RetentionLimits
    private let isDryRun: Bool
    private let id: SQLValue
    private let keptSince: SQLValue
    private let deadSince: SQLValue
    private let start: SQLCleaningFind

    init(
        _ statements: SQLCleaning, session: SessionRecord, limits: RetentionLimits, isDryRun: Bool,
        position: CleaningPosition, rows: Int
    ) {
        self.statements = statements
        self.session = session
        self.limits = limits
        self.isDryRun = isDryRun
        id = .text(session.id.text)
        keptSince = .moment(orNever: limits.oldestEnded)
        deadSince = .moment(orNever: limits.oldestDead)
        start = SQLCleaningFind(position: position, rows: rows)
    }

    func find(on connection: any SQLConnection) throws(SQLError) -> SQLCleaningFind {
        var find = start
        if find.position.offset == 0 {
            try findJobs(on: connection, &find)
            // There may be more of them, and a checkpoint is kept for each.
            guard find.rows > 0 else { return find }
        }
        guard let lastStep = try connection.step(statements.lastStep([id])) else {
            find.isFinished = true
            return find
        }
        let areAllOld = try findCheckpoints(before: lastStep, on: connection, &find)
        if find.isFinished, areAllOld, find.position.kept == 0, limits.mayEmpty(session) {
            try findLast(from: lastStep, on: connection, &find)
        }
        return find
    }

    /// In a dry run all at once: counting them is cheap.
    private func findJobs(
        on connection: any SQLConnection, _ find: inout SQLCleaningFind
    ) throws(SQLError) {
        let most = isDryRun ? SQLStatements.lastStep : Int64(find.rows)
        let jobs = statements.jobs([id, keptSince, deadSince, .integer(most)])
        guard let row = try connection.run(jobs).rows.first, case let count = try row.integer(at: 0),
            count > 0
        else { return }
        find.removed.jobs = Int(count)
        if !isDryRun { find.rows -= Int(count) }
        find.commands.append(
            statements.deleteJobs([id, keptSince, deadSince, .text(try row.text(at: 1))]))
    }

    /// - Returns: Whether none was found that is too young to go.
    private func findCheckpoints(
        before lastStep: Int, on connection: any SQLConnection, _ find: inout SQLCleaningFind
    ) throws(SQLError) -> Bool {
        let first = SQLValue.integer(Int64(find.position.offset))
        let bound = try limits.count.flatMap { count throws(SQLError) in
            try connection.step(statements.stepBefore([id, .integer(Int64(count - 1))]))
        }
        let candidates = try connection.run(
            statements.oldest([
                id, first, .integer(Int64(lastStep)), keptSince, .integer(Int64(find.rows)),
            ])
        ).rows
        var end = 0
        var kept: [SQLValue] = []
        for row in candidates {
            let step = Int(try row.integer(at: 0))
            let isOld = try limits.oldest.map { oldest throws(SQLError) in try row.timestamp(at: 1) < oldest }
            guard bound.map({ step < $0 }) ?? false || isOld ?? false else { break }
            if let result = try row.optionalText(at: 2) { kept.append(.text(result)) }
            end += 1
        }
        find.isFinished = end < candidates.count || candidates.count < find.rows
        find.rows -= end
        find.position.kept += kept.count
        if end > kept.count {
            let range = [id, first, .integer(try candidates[end - 1].integer(at: 0))]
            find.removed += try connection.amount(statements.amount(range + [keptSince])).removed
            let staying = kept.paddedAsList
            find.commands.append(statements.deleteCheckpoints(staying.count)(range + staying))
        }
        if end > 0 { find.position.offset = Int(try candidates[end - 1].integer(at: 0)) + 1 }
        return end == candidates.count
    }

    /// Several rows where llmfy has written a `__start__` row of the same step.
    private func findLast(
        from step: Int, on connection: any SQLConnection, _ find: inout SQLCleaningFind
    ) throws(SQLError) {
        let range: [SQLValue] = [id, .integer(Int64(step)), .integer(SQLStatements.lastStep), keptSince]
        let results = try connection.run(statements.results(range)).rows.first?.integer(at: 0)
        let amount = try connection.amount(statements.amount(range))
        guard results == 0, let last = amount.last, let oldest = limits.oldest, last.timestamp < oldest else {
            return
        }
        find.last = amount.removed
        find.commands += [
            statements.shutOut([
                id, .integer(session.epoch), .integer(last.step), .moment(orNever: limits.idle),
            ]),
            statements.empty([id, .integer(session.epoch + 1), .moment(oldest)]),
        ]
    }
}

extension SQLConnection {
    fileprivate func step(_ command: SQLCommand) throws(SQLError) -> Int? {
        try run(command).rows.first?.optionalInteger(at: 0).map { Int($0) }
    }

    fileprivate func amount(
        _ command: SQLCommand
    ) throws(SQLError) -> (removed: Removed, last: (timestamp: Timestamp, step: Int64)?) {
        guard let row = try run(command).rows.first else {
            throw .bug(reason: "The amount of what is no longer kept was not answered.")
        }
        let removed = Removed(checkpoints: Int(try row.integer(at: 0)), bytes: Int(try row.integer(at: 1)))
        return (removed, try row.isNull(at: 2) ? nil : (row.timestamp(at: 2), row.integer(at: 3)))
    }
}

extension SQLValue {
    /// A moment that all stored ones are later than, for `nil`.
    static func moment(orNever timestamp: Timestamp?) -> SQLValue {
        .moment(timestamp ?? Timestamp(microseconds: 0))
    }
}
