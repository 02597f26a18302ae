import PenstockModel
import Testing

@testable import PenstockCheckpointers

/// The table that llmfy makes on a database server, with what llmfy 0.6.3 wrote into it, taken into use by a store of ours.
@Suite(.timeLimit(.minutes(1)))
struct LlmfyServerTests {
    private static let kinds: [SQLPlace.Kind] = [.postgres, .mariadb]

    @Test(arguments: kinds)
    func `a complete run is opened at its last node, and the table keeps what it has`(_ kind: SQLPlace.Kind)
        async throws
    {
        let place = try await LlmfyServer.make(kind, rows: 4)
        let store = try await place.store("llmfy_")
        let summary = try #require(try await store.session("sess-1"))
        #expect(summary.record.epoch == 0)
        #expect(summary.checkpoints == 4)
        let history = try await store.history(of: "sess-1")
        #expect(history.map(\.node) == ["write", "score", "fetch", "__start__"])
        #expect(history.map(\.step) == [3, 2, 1, 0])
        #expect(history.allSatisfy { $0.next == nil && $0.epoch == nil && $0.job == nil })
        #expect(String(decoding: history[0].state, as: UTF8.self) == LlmfyServer.lastState)
        var writer = try await Writer.open("sess-1", in: store)
        #expect(writer.opened.latest?.node == "write")
        #expect(writer.opened.start == nil)
        #expect(writer.seen == 3)
        #expect(try await writer.save().step == 4)
        // What llmfy takes for the latest.
        let latest =
            "SELECT step FROM llmfy_checkpoint WHERE session_id = 'sess-1' ORDER BY timestamp DESC LIMIT 1"
        #expect(try await place.query(latest) == [["4"]])
        await store.close()
    }

    @Test(arguments: kinds)
    func `a run that stopped in the middle goes on there`(_ kind: SQLPlace.Kind) async throws {
        let place = try await LlmfyServer.make(kind, rows: 3)
        try await place.script(
            LlmfyServer.row("00000000-0000-4000-8000-00000000000a", 900, "__start__", 2, "{}", on: kind))
        let store = try await place.store("llmfy_")
        let writer = try await Writer.open("sess-1", in: store)
        #expect(writer.opened.latest?.node == "score")
        #expect(writer.opened.start?.node == "__start__")
        await store.close()
    }

    @Test(arguments: kinds)
    func `a session that llmfy wrote last is not opened by a save`(_ kind: SQLPlace.Kind) async throws {
        let place = try await LlmfyServer.make(kind, rows: 3)
        let store = try await place.store("llmfy_")
        #expect(try await store.look(at: "sess-1", for: "job-1") == nil)
        var writer = try await Writer.open("sess-1", in: store)
        try await writer.save()
        #expect(try await store.look(at: "sess-1", for: "job-1")?.latest?.step == 3)
        try await place.script(LlmfyServer.row("start", 690, "__start__", 3, "{}", on: kind))
        #expect(try await store.look(at: "sess-1", for: "job-1") == nil)
        try await place.script(LlmfyServer.row("score", 691, "score", 4, "{}", on: kind))
        #expect(try await store.look(at: "sess-1", for: "job-1") == nil)
        await store.close()
    }

    @Test(arguments: kinds)
    func `ids that differ only in case are two sessions, also in llmfy's table`(_ kind: SQLPlace.Kind)
        async throws
    {
        let place = try await LlmfyServer.make(kind, rows: 4)
        let store = try await place.store("llmfy_")
        for id in ["Sess-1", "SESS-1"] as [SessionID] {
            let writer = try await Writer.open(id, in: store)
            #expect(writer.opened.latest == nil)
            #expect(writer.epoch == 1)
        }
        let listed = try await store.sessions(limit: 10, after: nil).map(\.record.id)
        #expect(listed == ["SESS-1", "Sess-1", "sess-1"])
        await store.close()
    }
}

/// llmfy's own DDL, by SQLAlchemy, and the rows of its golden run.
enum LlmfyServer {
    static let lastState =
        #"{"messages": ["fetched \u00e9 \ud83d\ude00"], "ratio": 0.30000000000000004, "huge": 100000000000000000000}"#

    static func make(_ kind: SQLPlace.Kind, rows: Int) async throws -> SQLPlace {
        let place = try await SQLPlace.make(kind)
        let (timestamp, state) =
            kind == .postgres ? ("TIMESTAMP(3) WITHOUT TIME ZONE", "TEXT") : ("DATETIME(3)", "LONGTEXT")
        // The database's own collation stands for the one that a server has by default.
        let options =
            kind == .postgres ? "" : " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"
        try await place.script(
            """
            CREATE TABLE llmfy_checkpoint (
                checkpoint_id VARCHAR(255) NOT NULL,
                session_id VARCHAR(255) NOT NULL,
                timestamp \(timestamp) NOT NULL,
                node_name VARCHAR(255) NOT NULL,
                step INTEGER NOT NULL,
                state \(state) NOT NULL,
                PRIMARY KEY (checkpoint_id)
            )\(options);
            CREATE INDEX idx_thread_timestamp ON llmfy_checkpoint (session_id, timestamp);
            CREATE INDEX ix_llmfy_checkpoint_session_id ON llmfy_checkpoint (session_id)
            """)
        for (step, node) in ["__start__", "fetch", "score", "write"].prefix(rows).enumerated() {
            let state = step == 3 ? lastState : #"{"counter": \#(step)}"#
            let id = "00000000-0000-4000-8000-00000000000\(step + 1)"
            try await place.script(row(id, 678 + step, node, step, state, on: kind))
        }
        return place
    }

    static func row(
        _ id: String, _ milliseconds: Int, _ node: String, _ step: Int, _ state: String,
        on kind: SQLPlace.Kind
    ) -> String {
        // MySQL takes a backslash for the beginning of an escape; PostgreSQL, with standard strings, does not.
        let literal = kind == .postgres ? state : state.replacing("\\", with: "\\\\")
        return """
            INSERT INTO llmfy_checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state)
            VALUES ('\(id)', 'sess-1', '2026-01-02 03:04:05.\(milliseconds)', '\(node)', \(step), '\(literal)')
            """
    }
}
