import Foundation
import PenstockModel
import PenstockSQL
import PenstockTesting
import Testing

@testable import PenstockCheckpointers

/// How many rows a statement looks at in a session with a long history, as the server counts them.
@Suite(.timeLimit(.minutes(2)))
struct SQLReachTests {
    private static let steps = 10_000
    /// A job's statements want one row or two; a few more lie on their way.
    private static let fewRows = 30

    @Test(arguments: [SQLPlace.Kind.postgres, .mariadb])
    func `a job's statements look at few rows, however long the history`(_ kind: SQLPlace.Kind) async throws {
        let place = try await SQLPlace.make(kind)
        let store = try await place.store()
        try await store.fill(Self.steps, place.dialect)
        var writer = try await Writer.open("s", in: store)
        #expect(writer.seen == Self.steps)
        try await writer.save()
        let statements = store.statements
        let session = SQLValue.text("s")
        let last: [SQLValue] = [.text("9999"), session]
        for (statement, values) in [
            (statements.look, [session, "job-1"]),
            (statements.open, [session, "owner", .moment(.sample(0))]), (statements.position, [session]),
            (statements.start, [session]),
            (statements.checkpoints, [session, .integer(SQLStatements.lastStep), 1]),
            (statements.checkpoint, last), (statements.holdsCheckpoint, last), (statements.job, ["job-1"]),
            (SQLTemplate(SQLSaving.advance(store.tables), place.dialect.places), writer.advance),
            (statements.deleteCheckpoint, last), (statements.deleteJobs, [session]),
            (statements.replica.record, [session]), (statements.replica.latest, [session]),
        ] as [(SQLTemplate, [SQLValue])] {
            let rows = try await rowsRead(by: statement(values), in: store, of: kind)
            #expect(rows <= Self.fewRows, "\(rows) rows for \(statement)")
        }
        let language = place.dialect.language(statements, store.tables)
        let opening = SQLWrite.open(SQLOpening(session: "s", job: "job-1", owner: "o", now: .sample(0)))
        let other = SQLWrite.open(SQLOpening(session: "t", job: "job-2", owner: "o", now: .sample(0)))
        let looks = ["s", "t"].map { SQLWrite.look(SQLLook(session: $0, job: "job-1", now: .sample(0))) }
        for writes in [[opening, other], [.save(SQLSave(writer.draft())), other], looks] {
            for command in language.commands(for: writes) {
                let rows = try await rowsRead(by: command.alone(on: kind), in: store, of: kind)
                #expect(rows <= Self.fewRows, "\(rows) rows for \(command.sql)")
            }
        }
        await store.close()
    }

    @Test(arguments: [SQLPlace.Kind.postgres, .mariadb])
    func `cleaning's statements look at few rows, however long the history`(_ kind: SQLPlace.Kind)
        async throws
    {
        let place = try await SQLPlace.make(kind)
        let store = try await place.store()
        try await store.fill(Self.steps, place.dialect)
        var writer = try await Writer.open("s", in: store)
        try await writer.save()
        let cleaning = store.cleaning
        let session = SQLValue.text("s")
        let day = SQLValue.moment(.day(1))
        let range: [SQLValue] = [session, 5_000, 5_004, day]
        for (statement, values) in [
            (cleaning.sessions, ["", 10, day, day]), (cleaning.jobs, [session, day, day, 10]),
            (cleaning.deleteJobs, [session, day, day, "z"]), (cleaning.lastStep, [session]),
            (cleaning.stepBefore, [session, 10]), (cleaning.oldest, [session, 5_000, 9_000, day, 5]),
            (cleaning.amount, range), (cleaning.results, range),
            (cleaning.deleteCheckpoints(1), [session, 5_000, 5_004, "kept"]),
            (cleaning.shutOut, [session, 1, 1, day]),
        ] as [(SQLTemplate, [SQLValue])] {
            let rows = try await rowsRead(by: statement(values), in: store, of: kind)
            #expect(rows <= Self.fewRows, "\(rows) rows for \(statement)")
        }
        await store.close()
    }

    private func rowsRead(by command: SQLCommand, in store: SQLCheckpointer, of kind: SQLPlace.Kind)
        async throws
        -> Int
    {
        try await store.database.write { connection throws(SQLError) in
            guard kind == .postgres else {
                let before = try Self.handled(on: connection)
                _ = try connection.run(command)
                return try Self.handled(on: connection) - before
            }
            var rows = 0
            for row in try connection.run(command.explained).rows {
                rows = max(rows, Self.rows(in: try row.text(at: 0)))
            }
            return rows
        }
    }

    /// The rows that a step of a plan gave, times its loops, or threw away.
    private static func rows(in line: String) -> Int {
        func number(after words: String) -> Int? {
            line.range(of: words).flatMap { Int(line[$0.upperBound...].prefix { $0.isNumber }) }
        }
        let given = line.contains("(actual ") ? number(after: "actual rows=") : nil
        return (given ?? 0) * (number(after: "loops=") ?? 1)
            + (number(after: "Rows Removed by Filter: ") ?? 0)
    }

    /// What the connection has read so far, as MariaDB and MySQL count it.
    private static func handled(on connection: any SQLConnection) throws(SQLError) -> Int {
        var sum = 0
        let rows = try connection.query(
            """
            SELECT variable_name, variable_value FROM \(TestMySQL.statusSchema).session_status
            WHERE variable_name IN ('HANDLER_READ_FIRST', 'HANDLER_READ_KEY', 'HANDLER_READ_LAST', 'HANDLER_READ_NEXT',
            'HANDLER_READ_PREV', 'HANDLER_READ_RND')
            """)
        for row in rows { sum += Int(try row.text(at: 1)) ?? 0 }
        return sum
    }
}

extension SQLCheckpointer {
    /// Gives the session `s` so many checkpoints.
    func fill(_ steps: Int, _ dialect: any SQLDialect) async throws {
        let insert = SQLTemplate(
            """
            INSERT INTO \(tables.checkpoint) (checkpoint_id, session_id, timestamp, node_name, step, state)
            VALUES ($1, 's', '2026-01-01 00:00:00', 'node', $2, '{}')
            """, dialect.places)
        for start in stride(from: 0, to: steps, by: 1_000) {
            _ = try await database.commit {
                SQLBatch((start..<(start + 1_000)).map { insert([.text("\($0)"), .integer(Int64($0 + 1))]) })
            }
        }
    }
}

extension Writer {
    /// The values of the compare that the next save begins with.
    fileprivate var advance: [SQLValue] { SQLSave(draft()).record }
}

extension SQLCommand {
    /// One of its rows: MySQL takes several in a batch alone.
    fileprivate func alone(on kind: SQLPlace.Kind) -> SQLCommand {
        guard kind == .mariadb, TestMySQL.isMySQL, let width else { return self }
        return SQLCommand(sql, Array(values.prefix(width)))
    }

    /// Runs it, and tells what PostgreSQL did.
    fileprivate var explained: SQLCommand {
        let sql = "EXPLAIN (ANALYZE, TIMING OFF) " + sql
        return width.map { SQLCommand(sql, rows: values, width: $0) } ?? SQLCommand(sql, values)
    }
}
