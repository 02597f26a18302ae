import Foundation
import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

/// What llmfy 0.6.3 wrote for the flow fetch, score, write in session `sess-1`, and what it would write after us; in a Redis of
/// its own prefix, with a checkpointer of ours beside it.
struct LlmfyRows: Sendable {
    static let session: SessionID = "sess-1"

    let client: RedisClient
    let prefix: String
    let store: RedisCheckpointer

    /// Loads the first so many of the fixture's rows: `__start__` (step 0), fetch (1), score (2) and write (3).
    static func with(_ rows: Int, _ use: (LlmfyRows) async throws -> Void) async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let prefix = TestRedis.prefix()
        let llmfy = LlmfyRows(
            client: client, prefix: prefix, store: RedisCheckpointer(client, prefix: prefix))
        for row in try fixture().prefix(rows) { try await llmfy.add(row) }
        try await use(llmfy)
        await llmfy.store.close()
    }

    /// The stored rows, oldest first.
    static func fixture() throws -> [String] {
        let url = try #require(
            Bundle.module.url(forResource: "Fixtures/redis_complete", withExtension: "json"))
        let keys = try #require(try JSON(parsing: String(contentsOf: url, encoding: .utf8)).array)
        return keys.compactMap { $0["value"]?.string }
    }

    /// The state that stands in a row, as text.
    static func state(_ row: Int) throws -> String {
        try #require(try JSON(parsing: fixture()[row])["state"]?.string)
    }

    /// Writes a row as llmfy does.
    func add(_ row: String) async throws {
        let fields = try JSON(parsing: row)
        let id = try #require(fields["checkpoint_id"]?.string)
        let session = try #require(fields["session_id"]?.string)
        let time = try #require(fields["timestamp"]?.string.flatMap(Timestamp.init))
        _ = try await client.send(RedisCommand("SET", prefix + "checkpoint:" + id, row))
        let score = String(Double(time.microseconds) / 1_000_000)
        _ = try await client.send(RedisCommand("ZADD", prefix + "session:" + session, score, id))
    }

    /// Writes a row of llmfy's format, `milliseconds` after the fixture's last one.
    func add(id: String, node: String, step: Int, after milliseconds: Int64) async throws {
        let time = Timestamp(microseconds: 1_767_323_045_681_904 + milliseconds * 1000)
        try await add(
            #"{"checkpoint_id": "\#(id)", "session_id": "sess-1", "timestamp": "\#(time)", "#
                + #""node_name": "\#(node)", "step": \#(step), "state": "{\"by\": \"\#(node)\"}"}"#)
    }

    func open() async throws -> Writer {
        try await Writer.open(Self.session, in: store)
    }
}

extension LlmfyRows {
    /// The node of the checkpoint that llmfy takes for the latest: the one with the greatest score.
    func newest() async throws -> String? {
        let ids = try await client.send(RedisCommand("ZREVRANGE", prefix + "session:sess-1", 0, 0)).asArray
        let id = try #require(ids?.first?.asString)
        let row = try #require(
            try await client.send(RedisCommand("GET", prefix + "checkpoint:" + id)).asBytes)
        return try JSON(parsing: row)["node_name"]?.string
    }
}
