import PenstockModel
import PenstockSQL

/// Makes all saves of a group in one statement, and all openings in four: what a statement costs PostgreSQL besides its rows is more
/// than a row costs.
///
/// Rows are given as arrays, a column each. The fence is the same as for one: the UPDATE waits for each session's row, and compares
/// what it finds then; only the rows that it hit are added. What an opening reads is read by statements of their own, which see
/// what was committed while the first waited.
struct PostgresGroups: SQLGroupLanguage {
    private let alone: SQLFence
    private let save: String
    private let open: String
    private let position: String
    private let start: String
    private let job: String

    init(_ tables: SQLTables, _ dialect: PostgresDialect, alone: SQLFence) {
        self.alone = alone
        save = Self.save(tables, dialect)
        open = """
            INSERT INTO \(tables.session) AS stored (\(SQLTables.newSessionColumns))
            SELECT \(SQLStatements.newSession(tables, id: "given.id", owner: "given.owner", now: "given.now::timestamp"))
            FROM \(Self.given(["id", "owner", "now"]))
            \(dialect.orUpdate) epoch = stored.epoch + 1, owner = excluded.owner,
            head = GREATEST(stored.head, excluded.head), updated_at = excluded.updated_at
            RETURNING \(SQLTables.sessionColumns)
            """
        func each(_ select: (String, SQLTables) -> String) -> String {
            """
            SELECT found.* FROM \(Self.given(["id"])), LATERAL (\(select("given.id", tables))) AS found
            """
        }
        position = each(SQLStatements.position)
        start = each(SQLStatements.start)
        job = "SELECT \(SQLTables.jobColumns) FROM \(tables.job) WHERE id = ANY ($1::text[])"
    }

    // MARK: Texts

    private static func given(_ names: [String]) -> String {
        let arrays = names.indices.map { "$\($0 + 1)::text[]" }.joined(separator: ", ")
        return "unnest(\(arrays)) AS given(\(names.joined(separator: ", ")))"
    }

    /// The values of ``SQLSave/advance``, of ``SQLTables/checkpointColumns`` and of ``SQLTables/jobColumns``: `a1`, `c1`, `j1` and so on.
    /// A save without a checkpoint or a job has NULLs there.
    private static let columns =
        named("a", SQLSave.advanceCount) + named("c", PostgresDialect.checkpointTypes.count)
        + named("j", PostgresDialect.jobTypes.count)

    private static func named(_ letter: String, _ count: Int) -> [String] {
        (1...count).map { "\(letter)\($0)" }
    }

    private static func save(_ tables: SQLTables, _ dialect: PostgresDialect) -> String {
        func typed(_ letter: String, _ types: [String]) -> String {
            zip(named(letter, types.count), types).map { "\($0)::\($1)" }.joined(separator: ", ")
        }
        return """
            WITH advanced AS (
                UPDATE \(tables.session) AS stored
                SET head = a1::integer, flow = a2, version = a3::integer, status = a4, updated_at = a5::timestamp
                FROM \(given(columns))
                WHERE stored.id = a6 AND stored.epoch = a7::bigint AND stored.owner = a8 AND stored.head = a9::integer
                RETURNING given.*
            ), added AS (
                INSERT INTO \(tables.checkpoint) (\(SQLTables.checkpointColumns))
                SELECT \(typed("c", PostgresDialect.checkpointTypes)) FROM advanced WHERE c1 IS NOT NULL
            ), noted AS (
                INSERT INTO \(tables.job) (\(SQLTables.jobColumns))
                SELECT \(typed("j", PostgresDialect.jobTypes)) FROM advanced WHERE j1 IS NOT NULL
                \(dialect.orUpdate) \(SQLSaving.takingOver(SQLTables.jobFacts, dialect))
            )
            SELECT a6 FROM advanced
            """
    }

    // MARK: Making a group's commands

    func commands(for writes: [SQLWrite]) -> [SQLCommand] {
        guard writes.count > 1 else { return alone.commands(for: writes) }
        var saves: [SQLValue] = []
        var openings: [SQLOpening] = []
        for write in writes {
            switch write {
            case .open(let opening): openings.append(opening)
            case .save(let save):
                saves += save.advance
                saves += save.checkpoint ?? Self.noCheckpoint
                saves += save.job ?? Self.noJob
            }
        }
        let saving = saves.isEmpty ? [] : [SQLCommand(save, rows: saves, width: Self.columns.count)]
        return saving + (openings.isEmpty ? [] : commands(for: openings))
    }

    private static let noCheckpoint = [SQLValue](
        repeating: .null, count: PostgresDialect.checkpointTypes.count)
    private static let noJob = [SQLValue](repeating: .null, count: PostgresDialect.jobTypes.count)

    private func commands(for openings: [SQLOpening]) -> [SQLCommand] {
        let sessions = openings.map { SQLValue.text($0.session.text) }
        return [
            SQLCommand(
                open,
                rows: openings.flatMap { [.text($0.session.text), .text($0.owner), .moment($0.now)] },
                width: 3),
            SQLCommand(position, rows: sessions, width: 1),
            SQLCommand(start, rows: sessions, width: 1),
            SQLCommand(job, rows: openings.map { .text($0.job.text) }, width: 1),
        ]
    }

    // MARK: Reading the answers

    func outcomes(of writes: [SQLWrite], by answers: [SQLAnswer]) throws(SQLError) -> [SQLOutcome] {
        guard writes.count > 1 else { return try alone.outcomes(of: writes, by: answers) }
        var rest = answers[...]
        var saved: Set<String> = []
        if writes.contains(where: { if case .save = $0 { true } else { false } }) {
            for row in rest.popFirst()?.rows ?? [] { saved.insert(try row.text(at: 0)) }
        }
        let opened = try SQLOpenedRows(rest)
        var outcomes: [SQLOutcome] = []
        for write in writes {
            switch write {
            case .save(let save): outcomes.append(saved.contains(save.session.text) ? .saved : .fenced)
            case .open(let opening): outcomes.append(.opened(try opened.session(opening)))
            }
        }
        return outcomes
    }
}
