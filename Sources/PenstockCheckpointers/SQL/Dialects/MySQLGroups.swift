import PenstockModel
import PenstockSQL

/// Makes all saves of a group in four statements for all of their rows, all openings in four, and all looks in one: the server plans them
/// once, not for each session.
///
/// The UPDATE tells only how many rows it has hit, and the INSERT how many sessions were new. If that is not one for each save, some
/// writer was fenced (or had its save made at an earlier try): the transaction is undone, and the writes are made one by one. So
/// are openings of sessions in which llmfy has written since.
struct MySQLGroups: SQLGroupLanguage {
    private let alone: SQLFence
    private let advance: SQLTemplate
    private let create: SQLTemplate
    private let checkpoint: SQLTemplate
    private let job: SQLTemplate
    private let opening: MySQLOpenings
    private let looking: MySQLLooks

    init(_ tables: SQLTables, _ dialect: MySQLDialect, alone: SQLFence) {
        self.alone = alone
        advance = SQLTemplate(
            dialect.isMariaDB ? SQLSaving.advance(tables) : Self.advanceTogether(tables), dialect.places)
        create = SQLTemplate(SQLSaving.create(tables, dialect), dialect.places)
        checkpoint = SQLTemplate(
            """
            INSERT INTO \(tables.checkpoint) (\(SQLTables.checkpointColumns)) VALUES (\(SQLSaving.places(1...12)))
            """, dialect.places)
        job = SQLTemplate(
            """
            INSERT INTO \(tables.job) (\(SQLTables.jobColumns)) VALUES (\(SQLSaving.places(1...12)))
            \(dialect.orUpdate) \(SQLSaving.takingOver(SQLTables.jobFacts, dialect))
            """, dialect.places)
        opening = MySQLOpenings(tables, dialect)
        looking = MySQLLooks(tables)
    }

    /// As ``SQLSaving/advance(_:)``, for MySQL, which can be given more rows of values here. It is told to go by the session's key: it may
    /// have counted the sessions when there were none.
    private static func advanceTogether(_ tables: SQLTables) -> String {
        """
        UPDATE (VALUES ROW(\(SQLSaving.places(1...11))))
            AS v(head, flow, version, status, updated_at, next_epoch, next_owner, id, epoch, owner, seen)
        STRAIGHT_JOIN \(tables.session) s FORCE INDEX (PRIMARY)
            ON s.id = v.id AND s.epoch = v.epoch AND s.owner = v.owner AND s.head = v.seen
        SET s.head = v.head, s.flow = v.flow, s.version = v.version, s.status = v.status, s.updated_at = v.updated_at,
            s.epoch = v.next_epoch, s.owner = v.next_owner
        """
    }

    func commands(for writes: [SQLWrite]) -> [SQLCommand] {
        guard writes.count > 1 else { return alone.commands(for: writes) }
        let (saves, openings) = (writes.compactMap(\.save), writes.compactMap(\.opening))
        let looks = writes.compactMap(\.look)
        return saving(saves) + (openings.isEmpty ? [] : opening.commands(for: openings))
            + (looks.isEmpty ? [] : [looking.command(for: looks)])
    }

    private func saving(_ saves: [SQLSave]) -> [SQLCommand] {
        let advancing = saves.filter { !$0.createsSession }.map(\.record)
        let creating = saves.filter(\.createsSession).map(\.record)
        return [
            rows(for: advance, advancing, mustChange: advancing.count),
            rows(for: create, creating, mustChange: creating.count),
            rows(for: checkpoint, saves.compactMap(\.checkpoint)), rows(for: job, saves.compactMap(\.job)),
        ].compactMap(\.self)
    }

    private func rows(
        for statement: SQLTemplate, _ rows: [[SQLValue]], mustChange: Int? = nil
    ) -> SQLCommand? {
        guard let first = rows.first else { return nil }
        return SQLCommand(
            statement.text, rows: rows.flatMap(\.self), width: first.count, mustChange: mustChange)
    }

    func outcomes(of writes: [SQLWrite], by answers: [SQLAnswer]) throws(SQLError) -> [SQLOutcome] {
        guard writes.count > 1 else { return try alone.outcomes(of: writes, by: answers) }
        var rest = answers[...]
        let looks = writes.compactMap(\.look)
        var seen: [SQLOutcome] = []
        if !looks.isEmpty, let answer = rest.popLast() {
            seen = try looking.outcomes(of: looks, by: answer).reversed()
        }
        let saveAnswers = saving(writes.compactMap(\.save)).count
        let opened = try SQLOpenedRows(
            opening.inOrder(rest.dropFirst(saveAnswers)))
        var outcomes: [SQLOutcome] = []
        for write in writes {
            switch write {
            case .look: outcomes.append(seen.popLast() ?? .unsettled)
            case .save: outcomes.append(.saved)
            case .open(let opening):
                outcomes.append(try self.opening.outcome(of: opened.session(opening)))
            }
        }
        return outcomes
    }
}

/// Openings of many sessions at once. It reads what most sessions have: a checkpoint of ours that has the greatest step of all.
struct MySQLOpenings: Sendable {
    private let open: String
    private let record: @Sendable (_ places: String) -> String
    private let latest: @Sendable (_ places: String) -> String
    private let job: @Sendable (_ places: String) -> String

    init(_ tables: SQLTables, _ dialect: MySQLDialect) {
        open = """
            INSERT INTO \(tables.session) (\(SQLTables.newSessionColumns)) VALUES (?, 1, ?, 0, ?, ?)
            \(dialect.orUpdate) epoch = epoch + 1, owner = VALUES(owner), updated_at = VALUES(updated_at)
            """
        record = { "SELECT \(SQLTables.sessionColumns) FROM \(tables.session) WHERE id IN (\($0))" }
        job = { "SELECT \(SQLTables.jobColumns) FROM \(tables.job) WHERE id IN (\($0))" }
        // The LIMIT makes the server find the steps first, one look into the index for each, and then go by them. MySQL looks so if the
        // order is all that of the index.
        let columns = SQLTables.of("c", SQLTables.checkpointColumns)
        latest = { places in
            """
            SELECT \(columns) FROM (
                SELECT s.id, (SELECT step FROM \(tables.checkpoint) WHERE session_id = s.id ORDER BY session_id DESC, step DESC LIMIT 1) AS step
                FROM \(tables.session) s WHERE s.id IN (\(places)) LIMIT \(Self.most)
            ) AS last JOIN \(tables.checkpoint) c ON c.session_id = last.id AND c.step = last.step
            """
        }
    }

    /// How many values a list has at most, and so how many writes there may be in a group.
    static let most = 256

    func commands(for openings: [SQLOpening]) -> [SQLCommand] {
        let rows = openings.flatMap { opening -> [SQLValue] in
            let now = SQLValue.moment(opening.now)
            return [.text(opening.session.text), .text(opening.owner), now, now]
        }
        let sessions = openings.map { SQLValue.text($0.session.text) }
        return [
            SQLCommand(open, rows: rows, width: 4), list(record, sessions), list(latest, sessions),
            list(job, openings.map { .text($0.job.text) }),
        ]
    }

    private func list(_ text: (String) -> String, _ values: [SQLValue]) -> SQLCommand {
        let values = values.paddedAsList
        let places = [String](repeating: "?", count: values.count).joined(separator: ", ")
        return SQLCommand(text(places), rows: values, width: values.count)
    }

    /// The answers as ``SQLOpenedRows`` takes them. Rows of llmfy's, which have no epoch, go where `__start__` rows are expected.
    func inOrder(_ answers: ArraySlice<SQLAnswer>) throws(SQLError) -> ArraySlice<SQLAnswer> {
        guard !answers.isEmpty else { return [] }
        guard answers.count == 4 else { throw .bug(reason: "Opening sessions was not answered.") }
        let answers = Array(answers.dropFirst())
        var (ours, others): ([SQLRow], [SQLRow]) = ([], [])
        for row in answers[1].rows {
            if try row.isNull(at: SQLTables.epochOfCheckpoint) {
                others.append(row)
            } else {
                ours.append(row)
            }
        }
        return [answers[0], SQLAnswer(rows: ours), SQLAnswer(rows: others), answers[2]]
    }

    /// Where llmfy has written last, it takes an opening alone to find the position.
    func outcome(of opened: OpenedSession) -> SQLOutcome {
        opened.start == nil && (opened.latest?.step ?? 0) <= opened.record.head ? .opened(opened) : .unsettled
    }
}

extension SQLWrite {
    fileprivate var save: SQLSave? {
        if case .save(let save) = self { save } else { nil }
    }

    fileprivate var look: SQLLook? {
        if case .look(let look) = self { look } else { nil }
    }

    fileprivate var opening: SQLOpening? {
        if case .open(let opening) = self { opening } else { nil }
    }
}
