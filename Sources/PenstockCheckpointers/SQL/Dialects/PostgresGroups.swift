import PenstockModel
import PenstockSQL

/// Makes many saves of a group in one statement, all openings in four, and all looks in one: what a statement costs PostgreSQL besides
/// its rows is more than five rows cost.
///
/// Rows are given as arrays, a column each. The fence is the same as for one: the UPDATE waits for each session's row, and compares
/// what it finds then, and an INSERT makes the rows of new sessions; only what belongs to the rows that these hit is added. What an
/// opening reads is read by statements of their own, which see what was committed while the first waited.
struct PostgresGroups: SQLGroupLanguage {
    private let alone: SQLFence
    private let save: String
    private let look: String
    private let open: String
    private let position: String
    private let start: String
    private let job: String

    init(_ tables: SQLTables, _ dialect: PostgresDialect, alone: SQLFence) {
        self.alone = alone
        save = Self.save(tables, dialect)
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
        func each(_ select: (String, SQLTables, any SQLDialect) -> String) -> String {
            """
            SELECT found.* FROM \(Self.given(["id"])), LATERAL (\(select("given.id", tables, dialect))) AS found
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

    /// The values of ``SQLSaving/advance(_:)``, of ``SQLTables/checkpointColumns`` and of ``SQLTables/jobColumns``: `a1`, `c1`, `j1` and
    /// so on. A save that makes the session's row has no epoch, owner and head that were seen; one without a checkpoint or a job has
    /// NULLs there.
    private static let columns =
        named("a", SQLSave.advanceCount) + named("c", PostgresDialect.checkpointTypes.count)
        + named("j", PostgresDialect.jobTypes.count)

    private static func named(_ letter: String, _ count: Int) -> [String] {
        (1...count).map { "\(letter)\($0)" }
    }

    private static func typed(_ letter: String, _ types: [String]) -> String {
        zip(named(letter, types.count), types).map { "\($0)::\($1)" }.joined(separator: ", ")
    }

    /// That the id is one of those which were given, and not only the one of its row, keeps the table from being gone through. Put as
    /// it is, the last condition is looked up in a table that is made once: a join would compare each with each.
    private static func save(_ tables: SQLTables, _ dialect: PostgresDialect) -> String {
        let new = """
            SELECT a8, a6::bigint, a7, a1::integer, a2, a3::integer, a4, a5::timestamp, a5::timestamp
            FROM given WHERE a9 IS NULL
            """
        let isWritten = "(a8 IN (SELECT a8 FROM written)) IS TRUE"
        return """
            WITH given AS MATERIALIZED (SELECT * FROM \(given(columns))), advanced AS (
                UPDATE \(tables.session) AS stored
                SET head = a1::integer, flow = a2, version = a3::integer, status = a4, updated_at = a5::timestamp,
                epoch = a6::bigint, owner = a7
                FROM given
                WHERE a9 IS NOT NULL AND stored.id = a8 AND stored.epoch = a9::bigint AND stored.owner = a10
                    AND stored.head = a11::integer AND stored.id = ANY ($8::text[])
                RETURNING a8
            ), created AS (
                \(dialect.insertIfAbsent(into: tables.session, SQLTables.sessionColumns, from: new)) RETURNING id
            ), written AS MATERIALIZED (SELECT a8 FROM advanced UNION ALL SELECT id FROM created), added AS (
                INSERT INTO \(tables.checkpoint) (\(SQLTables.checkpointColumns))
                SELECT \(typed("c", PostgresDialect.checkpointTypes)) FROM given WHERE c1 IS NOT NULL AND \(isWritten)
            ), noted AS (
                INSERT INTO \(tables.job) (\(SQLTables.jobColumns))
                SELECT \(typed("j", PostgresDialect.jobTypes)) FROM given WHERE j1 IS NOT NULL AND \(isWritten)
                \(dialect.orUpdate) \(SQLSaving.takingOver(SQLTables.jobFacts, dialect))
            )
            SELECT a8 FROM written
            """
    }

    // MARK: Making a group's commands

    func commands(for writes: [SQLWrite]) -> [SQLCommand] {
        guard writes.count > 1 else { return alone.commands(for: writes) }
        let areFew = Self.areSavesFew(in: writes)
        var (rows, looks): ([SQLValue], [SQLValue]) = ([], [])
        var (openings, few): ([SQLOpening], [SQLCommand]) = ([], [])
        for write in writes {
            switch write {
            case .look(let look): looks += [.text(look.session.text), .text(look.job.text)]
            case .open(let opening): openings.append(opening)
            case .save(let save) where !areFew: Self.add(save, to: &rows)
            case .save: few += alone.commands(for: [write])
            }
        }
        func command(_ text: String, _ rows: [SQLValue], _ width: Int) -> [SQLCommand] {
            rows.isEmpty ? [] : [SQLCommand(text, rows: rows, width: width)]
        }
        return few + command(save, rows, Self.columns.count) + command(look, looks, 2)
            + (openings.isEmpty ? [] : commands(for: openings))
    }

    /// So many saves are made in a statement each: two take PostgreSQL two thirds of the time then. With ten it is as long, and our side has
    /// more to do.
    private static let fewSaves = 5

    private static func areSavesFew(in writes: [SQLWrite]) -> Bool {
        writes.count { $0.isSave } <= fewSaves
    }

    private static func add(_ save: SQLSave, to rows: inout [SQLValue]) {
        rows += save.advance
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
        if Self.areSavesFew(in: writes) {
            for write in writes where write.isSave {
                if rest.popFirst()?.rows.isEmpty == false { saved.insert(write.session.text) }
            }
        } else {
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

extension SQLWrite {
    fileprivate var isSave: Bool { if case .save = self { true } else { false } }
}
