import PenstockPostgres
import PenstockSQL
import Testing

/// Statements that are given rows, each column as an array of texts.
@Suite(.timeLimit(.minutes(1)))
struct PostgresRowTests {
    private static let insert = """
        INSERT INTO row SELECT key, value FROM unnest($1::text[], $2::text[]) AS given(key, value) RETURNING key, value
        """

    private func rows(_ values: [SQLValue]) -> SQLCommand {
        SQLCommand(Self.insert, rows: values, width: 2)
    }

    @Test
    func `rows arrive as they were given, whatever their values are`() async throws {
        let texts: [SQLValue] = [
            .text("plain"), .null, .text(""), .text("{\"a\",NULL}"), .text("\\\"',{}\n"), .text("🚰 é"),
            .integer(-7),
            .real(0.1), .utf8(Array("bytes".utf8)),
            .utf8(Array(String(repeating: "long", count: 300_000).utf8)),
        ]
        try await Scratch().withPool { pool in
            let values = texts.enumerated().flatMap { [SQLValue.text("k\($0.offset)"), $0.element] }
            let answers = try await pool.commit(isDurable: true) { [rows(values)] }
            var stored: [String?] = []
            for row in answers[0].rows { stored.append(try row.optionalText(at: 1)) }
            #expect(
                stored == [
                    "plain", nil, "", "{\"a\",NULL}", "\\\"',{}\n", "🚰 é", "-7", "0.1", "bytes",
                    String(repeating: "long", count: 300_000),
                ])
        }
    }

    @Test
    func `one statement takes one row and many, and stands beside others`() async throws {
        try await Scratch().withPool { pool in
            for count in [1, 300, 2] {
                let values = (0..<count).flatMap { [SQLValue.text("\(count) \($0)"), .null] }
                let answers = try await pool.commit(isDurable: false) {
                    [rows(values), SQLCommand("SELECT count(*) FROM row WHERE value = $1", ["none"])]
                }
                #expect(answers[0].rows.count == count)
                #expect(answers[1].rows.map(\.values) == [[0]])
            }
            let keys = try await pool.keys()
            #expect(keys.count == 303)
        }
    }

    @Test
    func `rows of which one fails leave nothing behind, and the error holds no value`() async throws {
        try await Scratch().withPool { pool in
            await #expect(throws: SQLError.duplicate(key: "row_pkey")) {
                try await pool.commit(isDurable: true) { [rows(["secret", "a", "b", "c", "secret", "d"])] }
            }
            let keys = try await pool.keys()
            #expect(keys == [])
        }
    }
}
