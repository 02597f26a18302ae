import PenstockModel
import PenstockSQL
import PenstockSQLite
import Testing

@testable import PenstockCheckpointers

@Suite(.timeLimit(.minutes(1)))
struct SQLGrowthTests {
    /// By SQLite's plan, not by the clock.
    @Test(arguments: ["penstock_", "llmfy_"])
    func `each statement of a job finds its rows by an index`(_ prefix: String) async throws {
        let scratch = try ScratchFolder()
        let store = try await SQLCheckpointer.sqlite(path: scratch.file, tablePrefix: prefix)
        try await store.database.write { connection throws(SQLError) in
            _ = try connection.execute(
                """
                WITH RECURSIVE step(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < 10000)
                INSERT INTO \(prefix)checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state)
                SELECT printf('%06d', n), 's', printf('2026-01-01 00:00:00.%06d', n), 'node', n, '{}' FROM step
                """)
        }
        let statements = store.statements
        let byStep = "USING INDEX idx_\(prefix)session_step (session_id=?"
        let byKey = "PRIMARY KEY (id=?"
        for (statement, expected) in [
            (statements.look, "INDEX idx_\(prefix)session_step (session_id=? AND step=?"),
            (statements.position, byStep), (statements.start, byStep),
            (statements.checkpoints, byStep),
            (statements.checkpoint, "(checkpoint_id=?)"), (statements.holdsCheckpoint, "(checkpoint_id=?)"),
            (SQLTemplate(SQLSaving.advance(store.tables), .numbers), byKey), (statements.job, byKey),
            (statements.open, "INDEX idx_\(prefix)session_step (session_id=?"),
            (statements.replica.record, byKey), (statements.replica.latest, byStep),
            (statements.replica.marks, byStep), (statements.replica.jobs, "idx_\(prefix)job_session"),
            (statements.deleteJobs, "idx_\(prefix)job_session"),
        ] {
            let plan = try await store.plan(of: statement)
            #expect(plan.contains { $0.contains(expected) }, "\(plan) for \(statement)")
            #expect(
                !plan.contains { $0.hasPrefix("SCAN") && $0 != "SCAN one" && $0 != "SCAN CONSTANT ROW" },
                "\(plan) for \(statement)")
            // Rows are sorted among those of one step only.
            let isOfOneStep = plan.contains { $0.contains("session_id=? AND step=?") }
            #expect(isOfOneStep || !plan.contains("USE TEMP B-TREE FOR ORDER BY"), "\(plan) for \(statement)")
        }
        #expect(try await store.latest(of: "s")?.step == 10_000)
        let opened = try await store.open("s", for: "job-1", as: "token")
        #expect(opened.latest?.step == 10_000)
        #expect(opened.record.head == 10_000)
        await store.close()
    }
}

extension SQLCheckpointer {
    /// How SQLite goes about a statement, step by step.
    func plan(of statement: SQLTemplate) async throws -> [String] {
        try await database.write { connection throws(SQLError) in
            let parameters = (1...11).last { statement.text.contains("?\($0)") } ?? 0
            let nulls = Array(repeating: SQLValue.null, count: parameters)
            var steps: [String] = []
            for row in try connection.query("EXPLAIN QUERY PLAN " + statement.text, nulls) {
                steps.append(try row.text(at: 3))
            }
            return steps
        }
    }
}
