import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresValueTests {
    static let values: [(String, SQLValue, SQLValue)] = [
        ("text", .null, .null),
        ("text", .text(""), .utf8([])),
        ("text", .text("größer 🚰"), .utf8(Array("größer 🚰".utf8))),
        ("text", .utf8(Array(#"{"a": 1.0}"#.utf8)), .utf8(Array(#"{"a": 1.0}"#.utf8))),
        ("text", .text(#"' \ $1 \x41"#), .utf8(Array(#"' \ $1 \x41"#.utf8))),
        ("bigint", .integer(0), .integer(0)),
        ("bigint", .integer(.min), .integer(.min)),
        ("bigint", .integer(.max), .integer(.max)),
        ("integer", .integer(-7), .integer(-7)),
        ("smallint", .integer(7), .integer(7)),
        ("bigint", .null, .null),
        ("boolean", .integer(1), .integer(1)),
        ("boolean", .text("f"), .integer(0)),
        ("double precision", .real(1.0), .real(1.0)),
        ("double precision", .real(0.1 + 0.2), .real(0.1 + 0.2)),
        ("double precision", .real(.greatestFiniteMagnitude), .real(.greatestFiniteMagnitude)),
        ("double precision", .real(.leastNonzeroMagnitude), .real(.leastNonzeroMagnitude)),
        ("double precision", .real(.infinity), .real(.infinity)),
        ("double precision", .real(-.infinity), .real(-.infinity)),
        ("double precision", .integer(3), .real(3)),
        ("real", .real(0.5), .real(0.5)),
        ("numeric", .integer(.max), .integer(.max)),
        ("numeric", .text("12345678901234567890"), .utf8(Array("12345678901234567890".utf8))),
        ("numeric", .text("1.50"), .utf8(Array("1.50".utf8))),
        ("bytea", .blob([]), .blob([])),
        ("bytea", .blob([0, 1, 0, 255]), .blob([0, 1, 0, 255])),
        ("bytea", .blob(Array(0...255)), .blob(Array(0...255))),
        ("bytea", .null, .null),
        ("jsonb", .text(#"{"b":1,"a":2.0}"#), .utf8(Array(#"{"a": 2.0, "b": 1}"#.utf8))),
        ("json", .text(#"{"b":1}"#), .utf8(Array(#"{"b":1}"#.utf8))),
        ("timestamptz", .text("2024-02-29T12:00:00+02:00"), .utf8(Array("2024-02-29 10:00:00+00".utf8))),
        ("timestamp", .text("2024-02-29 12:00:00.123456"), .utf8(Array("2024-02-29 12:00:00.123456".utf8))),
        (
            "uuid", .text("0190A5F0-0000-7000-8000-000000000000"),
            .utf8(Array("0190a5f0-0000-7000-8000-000000000000".utf8))
        ),
        ("varchar(5)", .text("fünf!"), .utf8(Array("fünf!".utf8))),
        ("text[]", .text("{a,b}"), .utf8(Array("{a,b}".utf8))),
    ]

    @Test(arguments: values)
    func `a value comes back as it was`(_ type: String, _ given: SQLValue, _ expected: SQLValue) async throws
    {
        try await Scratch(table: "CREATE TABLE kept (value \(type))").withPool { pool in
            let answers = try await pool.write { connection throws(SQLError) in
                try connection.run([
                    SQLCommand("INSERT INTO kept VALUES ($1)", [given]), SQLCommand("SELECT value FROM kept"),
                ])
            }
            #expect(answers == [SQLAnswer(changes: 1), SQLAnswer(rows: [SQLRow([expected])])])
        }
    }

    @Test
    func `a zero keeps its sign, and what is not a number stays so`() async throws {
        try await Scratch(table: "CREATE TABLE kept (one double precision, two double precision)").withPool {
            pool in
            _ = try await pool.write { connection throws(SQLError) in
                try connection.execute("INSERT INTO kept VALUES ($1, $2)", [.real(-0.0), .real(.nan)])
            }
            let row = try await pool.read { connection throws(SQLError) in
                try connection.query("SELECT one, two FROM kept")[0]
            }
            #expect(try row.real(at: 0) == 0)
            #expect(try row.real(at: 0).sign == .minus)
            #expect(try row.real(at: 1).isNaN)
        }
    }

    @Test(arguments: [1_000_000, 10_000_000])
    func `a large value comes back as it was`(_ size: Int) async throws {
        let text = Array(repeating: Array("abcdefghij".utf8), count: size / 10).flatMap(\.self)
        let bytes = Array(repeating: Array(UInt8(0)...249), count: size / 250).flatMap(\.self)
        try await Scratch(table: "CREATE TABLE kept (one text, two bytea)").withPool { pool in
            _ = try await pool.write { connection throws(SQLError) in
                try connection.execute("INSERT INTO kept VALUES ($1, $2)", [.utf8(text), .blob(bytes)])
            }
            let row = try await pool.read { connection throws(SQLError) in
                try connection.query("SELECT one, two FROM kept")[0]
            }
            #expect(try row.bytes(at: 0) == text)
            #expect(try row.bytes(at: 1) == bytes)
        }
    }

    @Test
    func `many values of one statement keep their places`() async throws {
        let values = (0..<200).map { SQLValue.text(String(repeating: "\($0)", count: $0)) }
        try await Scratch().withPool { pool in
            let row = try await pool.read { connection throws(SQLError) in
                try connection.query(
                    "SELECT " + (1...200).map { "$\($0)::text" }.joined(separator: ","), values)[0]
            }
            for (column, value) in values.enumerated() { #expect(try .text(row.text(at: column)) == value) }
        }
    }

    @Test(arguments: [SQLValue.text("a\0b"), .utf8([97, 0]), .utf8([0])])
    func `a text with a zero byte is refused before anything is sent`(_ value: SQLValue) async throws {
        try await Scratch().withPool { pool in
            await #expect(
                throws: SQLError.unfit(
                    reason: "Value 2 is a text that holds a zero byte, which PostgreSQL cannot keep.")
            ) {
                try await pool.commit(isDurable: true) { [insert("a"), insert("b", value)] }
            }
            let keys = try await pool.keys()
            #expect(keys.isEmpty)
        }
    }

    @Test
    func `one statement takes bytes and texts and NULL in the same place`() async throws {
        try await Scratch(table: "CREATE TABLE kept (number integer, value bytea)").withPool { pool in
            let values: [SQLValue] = [.blob([0xFF, 0]), .null, .text("\\x0a"), .blob([]), .null, .text("b")]
            _ = try await pool.commit(isDurable: true) {
                values.enumerated().map {
                    SQLCommand("INSERT INTO kept VALUES ($1, $2)", [.integer(Int64($0.offset)), $0.element])
                }
            }
            let rows = try await pool.read { connection throws(SQLError) in
                try connection.query("SELECT value FROM kept ORDER BY number")
            }
            #expect(
                rows.map(\.values) == [
                    [.blob([0xFF, 0])], [.null], [.blob([10])], [.blob([])], [.null], [.blob([98])],
                ])
        }
    }

    @Test
    func `rows that were changed are counted, and rows that are only given are not`() async throws {
        try await Scratch().withPool { pool in
            let answers = try await pool.write { connection throws(SQLError) in
                try connection.run([
                    SQLCommand("INSERT INTO row SELECT g::text, NULL FROM generate_series(1, 3) g"),
                    SQLCommand("UPDATE row SET value = 'x' WHERE key <> $1", ["1"]),
                    SQLCommand("SELECT 1 FROM row"),
                    SQLCommand("DELETE FROM row WHERE value IS NULL RETURNING key"),
                    SQLCommand(
                        """
                        WITH s AS (UPDATE row SET value = 'y' RETURNING key)
                        INSERT INTO row SELECT key || k FROM s, (VALUES ('a'), ('b')) letter(k)
                        """),
                    SQLCommand("UPDATE row SET value = 'z' WHERE key = 'none'"),
                ])
            }
            #expect(answers.map(\.changes) == [3, 2, 0, 1, 4, 0])
            #expect(answers[3].rows == [SQLRow([.utf8([49])])])
        }
    }

    @Test
    func `the environment does not change how texts are written`() async throws {
        try await Scratch().withPool { pool in
            let row = try await pool.read { connection throws(SQLError) in
                try connection.query(
                    """
                    SELECT current_setting('TimeZone'), current_setting('client_encoding'),
                    current_setting('default_transaction_isolation')
                    """)[0]
            }
            #expect(try (0..<3).map { try row.text(at: $0) } == ["UTC", "UTF8", "read committed"])
        }
    }
}
