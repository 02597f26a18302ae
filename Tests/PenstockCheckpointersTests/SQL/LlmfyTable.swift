import Foundation
import PenstockCheckpointers
import PenstockModel
import Testing

/// The SQLite file that llmfy 0.6.3 wrote for the flow fetch, score, write in session `sess-1`, a checkpointer of ours
/// on its table, and what llmfy would do to it.
struct LlmfyTable: Sendable {
    static let session: SessionID = "sess-1"

    let scratch: ScratchFolder
    let store: SQLCheckpointer

    /// With the first `rows` of the rows `__start__` (step 0), fetch (1), score (2) and write (3).
    static func with(_ rows: Int, _ use: (LlmfyTable) async throws -> Void) async throws {
        let scratch = try ScratchFolder()
        let fixture = try #require(Bundle.module.path(forResource: "Fixtures/sqlite_complete", ofType: "db"))
        try FileManager.default.copyItem(atPath: fixture, toPath: scratch.file)
        try await scratch.script("DELETE FROM llmfy_checkpoint WHERE step >= \(rows)")
        let store = try await SQLCheckpointer.sqlite(path: scratch.file, tablePrefix: "llmfy_")
        try await use(LlmfyTable(scratch: scratch, store: store))
        await store.close()
    }

    /// Inserts a row as llmfy does, `milliseconds` after the fixture's last one.
    func add(_ id: String, node: String, step: Int, after milliseconds: Int64) async throws {
        let time = Timestamp(microseconds: 1_767_323_045_681_904 + milliseconds * 1000)
        try await scratch.script(
            """
            INSERT INTO llmfy_checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state)
            VALUES ('\(id)', 'sess-1', '\(time.sqliteText)', '\(node)', \(step), '{"by": "\(node)"}')
            """)
    }

    /// What llmfy takes for a session's latest checkpoint: id, timestamp, node, step, state.
    func latestByLlmfy() async throws -> [String]? {
        try await scratch.query(
            """
            SELECT checkpoint_id, timestamp, node_name, step, state FROM llmfy_checkpoint
            WHERE session_id = 'sess-1' ORDER BY timestamp DESC LIMIT 1
            """
        ).first
    }

    func open() async throws -> Writer {
        try await Writer.open(Self.session, in: store)
    }
}
