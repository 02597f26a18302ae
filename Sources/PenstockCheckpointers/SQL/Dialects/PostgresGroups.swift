import PenstockModel
import PenstockSQL

/// Makes all saves of a group in one statement, those that make a session's row in another, all openings in four, and all looks in
/// one: what a statement costs PostgreSQL besides its rows is more than a row costs.
///
/// Rows are given as arrays, a column each. The fence is the same as for one: the UPDATE waits for each session's row, and compares
/// what it finds then; only the rows that it hit are added. What an opening reads is read by statements of their own, which see
/// what was committed while the first waited.
struct PostgresGroups: SQLGroupLanguage {
    private let alone: SQLFence
    private let save: String
    private let create: String
    private let look: String
    private let open: String
    private let position: String
    private let start: String
    private let job: String

    init(_ tables: SQLTables, _ dialect: PostgresDialect, alone: SQLFence) {
        self.alone = alone
        save = Self.save(tables, dialect)
        create = Self.create(tables, dialect)
        let lastStep = SQLStatements.lastStep(of: "given.id", tables)
        look = """
            SELECT given.id, \(SQLStatements.lookColumns) FROM \(Self.given(["id", "job"]))
            LEFT JOIN LATERAL (\(Self.rows(of: tables.session, where: "id = given.id"))) AS s ON TRUE
            LEFT JOIN LATERAL (\(Self.rows(of: tables.checkpoint, where: "session_id = given.id AND step = (\(lastStep))"))) AS c ON TRUE
            LEFT JOIN LATERAL (\(Self.rows(of: tables.job, where: "id = given.job"))) AS j ON TRUE
            """
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

    /// Rows that are looked up for each that was given. Without the OFFSET it is a join, which goes through the whole table if that was
    /// empty when PostgreSQL counted its rows last.
    private static func rows(of table: String, where condition: String) -> String {
        "SELECT * FROM \(table) WHERE \(condition) OFFSET 0"
    }

    /// The values of ``SQLSave/advance``, of ``SQLTables/checkpointColumns`` and of ``SQLTables/jobColumns``: `a1`, `c1`, `j1` and so on.
    /// A save without a checkpoint or a job has NULLs there.
    private static let columns = named("a", SQLSave.advanceCount) + addedColumns
    /// The same for a save that makes the session's row, of which ``SQLTables/sessionColumns`` are `s1` and so on.
    private static let newColumns = named("s", PostgresDialect.sessionTypes.count) + addedColumns
    private static let addedColumns =
        named("c", PostgresDialect.checkpointTypes.count) + named("j", PostgresDialect.jobTypes.count)

    private static func named(_ letter: String, _ count: Int) -> [String] {
        (1...count).map { "\(letter)\($0)" }
    }

    private static func typed(_ letter: String, _ types: [String]) -> String {
        zip(named(letter, types.count), types).map { "\($0)::\($1)" }.joined(separator: ", ")
    }

    /// Adds the checkpoints and the records of jobs that stand in rows of `source`.
    private static func additions(
        from source: String, where condition: String, _ tables: SQLTables, _ dialect: PostgresDialect
    ) -> String {
        """
        added AS (
            INSERT INTO \(tables.checkpoint) (\(SQLTables.checkpointColumns))
            SELECT \(typed("c", PostgresDialect.checkpointTypes)) FROM \(source) WHERE c1 IS NOT NULL\(condition)
        ), noted AS (
            INSERT INTO \(tables.job) (\(SQLTables.jobColumns))
            SELECT \(typed("j", PostgresDialect.jobTypes)) FROM \(source) WHERE j1 IS NOT NULL\(condition)
            \(dialect.orUpdate) \(SQLSaving.takingOver(SQLTables.jobFacts, dialect))
        )
        """
    }

    /// Those whose row was there already are left out. Put like this, the condition is looked up in a table that is made once: a
    /// join would compare each with each.
    private static func create(_ tables: SQLTables, _ dialect: PostgresDialect) -> String {
        let rows = "SELECT \(typed("s", PostgresDialect.sessionTypes)) FROM given"
        return """
            WITH given AS (SELECT * FROM \(given(newColumns))), created AS (
                \(dialect.insertIfAbsent(into: tables.session, SQLTables.sessionColumns, from: rows)) RETURNING id
            ), \(additions(from: "given", where: " AND (s1 IN (SELECT id FROM created)) IS TRUE", tables, dialect))
            SELECT id FROM created
            """
    }

    /// That the id is one of those which were given, and not only the one of its row, keeps the table from being gone through.
    private static func save(_ tables: SQLTables, _ dialect: PostgresDialect) -> String {
        """
        WITH advanced AS (
            UPDATE \(tables.session) AS stored
            SET head = a1::integer, flow = a2, version = a3::integer, status = a4, updated_at = a5::timestamp,
            epoch = a6::bigint, owner = a7
            FROM \(given(columns))
            WHERE stored.id = a8 AND stored.epoch = a9::bigint AND stored.owner = a10
                AND stored.head = a11::integer AND stored.id = ANY ($8::text[])
            RETURNING given.*
        ), \(additions(from: "advanced", where: "", tables, dialect))
        SELECT a8 FROM advanced
        """
    }

    // MARK: Making a group's commands

    func commands(for writes: [SQLWrite]) -> [SQLCommand] {
        guard writes.count > 1 else { return alone.commands(for: writes) }
        var (saves, creations, looks): ([SQLValue], [SQLValue], [SQLValue]) = ([], [], [])
        var openings: [SQLOpening] = []
        for write in writes {
            switch write {
            case .look(let look): looks += [.text(look.session.text), .text(look.job.text)]
            case .open(let opening): openings.append(opening)
            case .save(let save) where save.createsSession: Self.add(save, to: &creations)
            case .save(let save): Self.add(save, to: &saves)
            }
        }
        func command(_ text: String, _ rows: [SQLValue], _ width: Int) -> [SQLCommand] {
            rows.isEmpty ? [] : [SQLCommand(text, rows: rows, width: width)]
        }
        return command(save, saves, Self.columns.count) + command(create, creations, Self.newColumns.count)
            + command(look, looks, 2) + (openings.isEmpty ? [] : commands(for: openings))
    }

    private static func add(_ save: SQLSave, to rows: inout [SQLValue]) {
        rows += save.record
        rows += save.checkpoint ?? noCheckpoint
        rows += save.job ?? noJob
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
        for creates in [false, true] {
            guard
                writes.contains(where: {
                    if case .save(let save) = $0 { save.createsSession == creates } else { false }
                })
            else { continue }
            for row in rest.popFirst()?.rows ?? [] { saved.insert(try row.text(at: 0)) }
        }
        var seen: [String: [SQLRow]] = [:]
        if writes.contains(where: \.isReading) {
            for row in rest.popFirst()?.rows ?? [] { seen[try row.text(at: 0), default: []].append(row) }
        }
        let opened = try SQLOpenedRows(rest)
        var outcomes: [SQLOutcome] = []
        for write in writes {
            switch write {
            case .look(let look):
                outcomes.append(.seen(try look.session(in: seen[look.session.text] ?? [], from: 1)))
            case .save(let save): outcomes.append(saved.contains(save.session.text) ? .saved : .fenced)
            case .open(let opening): outcomes.append(.opened(try opened.session(opening)))
            }
        }
        return outcomes
    }
}
