import PenstockModel
import PenstockSQL
import Testing

@testable import PenstockCheckpointers

/// How PostgreSQL goes about the statements of a group.
@Suite(.timeLimit(.minutes(1)))
struct PostgresPlanTests {
    /// A plan is kept for long, and may have been made when autovacuum had just found a table empty. (Of one that was never counted
    /// PostgreSQL assumes some rows.)
    @Test func `a plan that was made for empty tables goes to its rows by an index`() async throws {
        let place = try await SQLPlace.make(.postgres)
        let store = try await place.store()
        try await place.script(
            """
            UPDATE pg_class SET relpages = 0, reltuples = 0
            WHERE relname LIKE 'penstock%' AND relnamespace = current_schema()::regnamespace
            """)
        let language = place.dialect.language(store.statements, store.tables)
        for writes in try await Self.groups() {
            for command in language.commands(for: writes) {
                for explanation in [[command.explained], command.explainedForAllValues] {
                    let plan = try await store.database.write { connection throws(SQLError) in
                        try connection.run(explanation).flatMap(\.rows).map { row throws(SQLError) in
                            try row.text(at: 0)
                        }
                    }
                    #expect(!plan.isEmpty && Self.scansByIndexAlone(plan), "\(plan.joined(separator: "\n"))")
                }
            }
        }
        await store.close()
    }

    /// Looks, openings, first saves and later ones: two of each, and one.
    private static func groups() async throws -> [[SQLWrite]] {
        let sessions: [SessionID] = ["s", "t"]
        var (first, later): ([SQLWrite], [SQLWrite]) = ([], [])
        // What they hold is the same for every store.
        for session in sessions {
            var writer = try await Writer.look(at: session, in: MemoryCheckpointer())
            first.append(.save(SQLSave(writer.draft())))
            try await writer.save()
            later.append(.save(SQLSave(writer.draft())))
        }
        let looks = sessions.map { SQLWrite.look(SQLLook(session: $0, job: "job-1", now: .sample(0))) }
        let openings = sessions.map {
            SQLWrite.open(SQLOpening(session: $0, job: "job-1", owner: "o", now: .sample(0)))
        }
        return [first, later, looks, openings].flatMap { [$0, [$0[0]]] }
    }

    /// Whether a plan goes by an index to what it wants wherever it reads one of our tables.
    private static func scansByIndexAlone(_ plan: [String]) -> Bool {
        zip(plan, plan.dropFirst() + [""]).allSatisfy { line, next in
            !line.contains("Scan") || !line.contains(" on penstock") || next.contains("Index Cond:")
        }
    }
}

extension SQLCommand {
    fileprivate var explained: SQLCommand {
        let sql = "EXPLAIN (COSTS OFF) " + sql
        return width.map { SQLCommand(sql, rows: values, width: $0) } ?? SQLCommand(sql, values)
    }

    /// The plan that is kept, as those of groups are.
    fileprivate var explainedForAllValues: [SQLCommand] {
        let types = width.map { "(\(list("text[]", $0)))" } ?? ""
        return [
            "SET LOCAL plan_cache_mode = force_generic_plan", "PREPARE probe\(types) AS \(sql)",
            "EXPLAIN (COSTS OFF) EXECUTE probe(\(list("NULL", width ?? values.count)))", "DEALLOCATE probe",
        ].map { SQLCommand($0) }
    }

    private func list(_ element: String, _ count: Int) -> String {
        Array(repeating: element, count: count).joined(separator: ", ")
    }
}
