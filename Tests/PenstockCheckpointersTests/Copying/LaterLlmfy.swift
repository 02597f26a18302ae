import Foundation
import PenstockModel
import PenstockRedis
import PenstockTesting

@testable import PenstockCheckpointers

/// What llmfy 0.11 keeps of the session `sess-1`: a run of three nodes, and a second one that stopped after its second, in each
/// of its stores.
enum LaterLlmfy {
    static let session: SessionID = "sess-1"

    struct Row {
        var id: String
        var run: String
        /// Milliseconds after the first one.
        var time: Int
        var node: String
        var before: String
        /// Counted anew in each run.
        var step: Int
        var state: String
        var session = "sess-1"
    }

    /// Floats, large integers and wrapped values, with the spaces that Python writes.
    static let lastState =
        #"{"messages": ["fetched \u00e9 \ud83d\ude00"], "ratio": 1.0, "huge": 100000000000000000000, "#
        + #""who": {"__type__": "app.User", "data": {"state": {"a": [1, 2]}, "created_at": "x"}}, "nan": NaN}"#

    /// In the order of the runs. The second begins in the millisecond in which the first ended, by a clock that stood still.
    static let rows = [
        Row(id: "b1", run: "r1", time: 0, node: "fetch", before: "__start__", step: 1, state: #"{"n": 1}"#),
        Row(id: "b2", run: "r1", time: 5, node: "score", before: "fetch", step: 2, state: #"{"n": 2}"#),
        Row(id: "b3", run: "r1", time: 9, node: "write", before: "score", step: 3, state: #"{"n": 3}"#),
        Row(id: "a1", run: "r2", time: 12, node: "fetch", before: "__start__", step: 1, state: #"{"n": 4}"#),
        Row(id: "a2", run: "r2", time: 12, node: "score", before: "fetch", step: 2, state: lastState),
    ]

    static func metadata(_ row: Row) -> String {
        #"{"llmfy":{"run_id":"\#(row.run)","prev_node":"\#(row.before)","step":\#(row.step),"#
            + #""updated_fields":["n","state"],"attempt":1,"dispatch_id":null}}"#
    }

    // MARK: SQL

    static func make(_ kind: SQLPlace.Kind, rows: [Row] = rows) async throws -> SQLPlace {
        let place = try await SQLPlace.make(kind)
        let (time, blob) =
            switch kind {
            case .sqlite: ("DATETIME", "BLOB")
            case .postgres: ("TIMESTAMP(3) WITHOUT TIME ZONE", "BYTEA")
            case .mariadb: ("DATETIME(3)", "LONGBLOB")
            }
        try await place.script(
            """
            CREATE TABLE llmfy_checkpoint (
                checkpoint_id VARCHAR(255) NOT NULL,
                session_id VARCHAR(255) NOT NULL,
                run_id VARCHAR(255) NOT NULL,
                created_at \(time) NOT NULL,
                node VARCHAR(255) NOT NULL,
                prev_node VARCHAR(255) NOT NULL,
                step INTEGER NOT NULL,
                updated_fields JSON NOT NULL,
                attempt INTEGER,
                dispatch_id VARCHAR(255),
                state \(blob) NOT NULL,
                PRIMARY KEY (checkpoint_id)
            );
            CREATE INDEX ix_llmfy_checkpoint_session_id ON llmfy_checkpoint (session_id);
            CREATE INDEX idx_thread_created_at ON llmfy_checkpoint (session_id, created_at)
            """)
        for row in rows { try await place.script(insert(row, bytes: Array(row.state.utf8), kind)) }
        return place
    }

    static func insert(_ row: Row, bytes: [UInt8], _ kind: SQLPlace.Kind) -> String {
        let hex = bytes.map { String(Int($0) + 256, radix: 16).suffix(2) }.joined()
        let state = kind == .postgres ? "'\\x\(hex)'" : "X'\(hex)'"
        return """
            INSERT INTO llmfy_checkpoint VALUES ('\(row.id)', '\(row.session)', '\(row.run)',
            '\(time(row).sqliteText)', '\(row.node)', '\(row.before)', \(row.step), '["n", "state"]', 1, NULL, \(state))
            """
    }

    static func time(_ row: Row) -> Timestamp {
        Timestamp(microseconds: 1_767_323_045_678_000 + Int64(row.time) * 1000)
    }

    // MARK: Redis

    static func value(_ row: Row, state: String? = nil) -> String {
        #"{"checkpoint_id": "\#(row.id)", "session_id": "\#(row.session)", "run_id": "\#(row.run)", "#
            + #""created_at": "\#(time(row))", "node": "\#(row.node)", "prev_node": "\#(row.before)", "#
            + #""step": \#(row.step), "updated_fields": ["n", "state"], "attempt": 1, "dispatch_id": null, "#
            + #""state": \#(state ?? row.state)}"#
    }

    /// Writes a row as llmfy does, into the index of its run too.
    static func add(_ row: Row, state: String? = nil, to client: RedisClient, _ prefix: String) async throws {
        let score = String(Double(time(row).microseconds) / 1_000_000)
        let session = prefix + "session:" + row.session
        _ = try await client.send(
            RedisCommand("SET", prefix + "checkpoint:" + row.id, value(row, state: state)))
        _ = try await client.send(RedisCommand("ZADD", session, score, row.id))
        _ = try await client.send(RedisCommand("ZADD", session + ":run:" + row.run, score, row.id))
    }

    /// A prefix with rows in it.
    static func withRedis(
        rows: [Row] = rows, _ use: (RedisClient, _ prefix: String) async throws -> Void
    ) async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let prefix = TestRedis.prefix()
        for row in rows { try await add(row, to: client, prefix) }
        try await use(client, prefix)
        await client.close()
    }
}
