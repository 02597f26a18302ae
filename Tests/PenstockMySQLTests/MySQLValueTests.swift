import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

/// The ways that a statement takes to the server.
enum Way: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case firstOfTransaction, laterInTransaction, onlyOfCommit, amongOthersOfCommit
    case onlyOnLoop, amongOthersOnLoop

    var testDescription: String { rawValue }

    /// Runs the command, and gives its answer.
    func run(_ command: SQLCommand, in database: SQLPool<MySQLConnection>) async throws -> SQLAnswer {
        switch self {
        case .firstOfTransaction:
            try await database.write { connection throws(SQLError) in try connection.run(command) }
        case .laterInTransaction:
            try await database.write { connection throws(SQLError) in
                _ = try connection.query("SELECT 1")
                return try connection.run(command)
            }
        case .onlyOfCommit:
            try await database.commit { SQLBatch([command]) }[0]
        case .amongOthersOfCommit:
            try await database.commit { SQLBatch([SQLCommand("SELECT 1"), command]) }[1]
        case .onlyOnLoop:
            try await database.commit(on: .tests) { SQLBatch([command]) }.answers[0]
        case .amongOthersOnLoop:
            try await database.commit(on: .tests) { SQLBatch([SQLCommand("SELECT 1"), command]) }.answers[1]
        }
    }
}

@Suite(.timeLimit(.minutes(2)))
struct MySQLValueTests {
    static let values: [(String, SQLValue, SQLValue)] = [
        ("number", .null, .null),
        ("number", .integer(0), .integer(0)),
        ("number", .integer(-1), .integer(-1)),
        ("number", .integer(.min), .integer(.min)),
        ("number", .integer(.max), .integer(.max)),
        ("amount", .real(1), .real(1)),
        // Neither server keeps the sign of a zero.
        ("amount", .real(-0.0), .real(0.0)),
        ("amount", .real(-0.1), .real(-0.1)),
        ("amount", .real(1e16), .real(1e16)),
        ("amount", .real(0.1 + 0.2), .real(0.1 + 0.2)),
        ("amount", .real(.greatestFiniteMagnitude), .real(.greatestFiniteMagnitude)),
        ("amount", .real(-.leastNormalMagnitude), .real(-.leastNormalMagnitude)),
        ("amount", .real(.leastNonzeroMagnitude), .real(.leastNonzeroMagnitude)),
        ("note", .null, .null),
        ("note", .text(""), .utf8([])),
        ("note", .text("größer 🚰"), .utf8(Array("größer 🚰".utf8))),
        ("note", .text("a\0b\u{1A}c"), .utf8(Array("a\0b\u{1A}c".utf8))),
        ("note", .text(#"it's "so" \' \\ \0 % _ \% \"#), .utf8(Array(#"it's "so" \' \\ \0 % _ \% \"#.utf8))),
        (
            "note", .text("a\r\n\tb' ; DROP TABLE kept; -- ?"),
            .utf8(Array("a\r\n\tb' ; DROP TABLE kept; -- ?".utf8))
        ),
        ("note", .text("\u{10FFFF}\u{FFFD}\u{0301}"), .utf8(Array("\u{10FFFF}\u{FFFD}\u{0301}".utf8))),
        ("note", .utf8(Array(#"{"a": [1.0, "ß"]}"#.utf8)), .utf8(Array(#"{"a": [1.0, "ß"]}"#.utf8))),
        ("raw", .blob([]), .blob([])),
        ("raw", .blob([0, 1, 0, 255, 0x27, 0x5C, 0x22]), .blob([0, 1, 0, 255, 0x27, 0x5C, 0x22])),
        ("raw", .blob(Array(0...255)), .blob(Array(0...255))),
        ("raw", .blob([0xE0, 0x27, 0xF0, 0x9F, 0x5C, 0xC3]), .blob([0xE0, 0x27, 0xF0, 0x9F, 0x5C, 0xC3])),
    ]

    private static let table = """
        CREATE TABLE kept(
            id INT AUTO_INCREMENT PRIMARY KEY, number BIGINT, amount DOUBLE,
            note LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, raw LONGBLOB)
        """

    @Test(arguments: Way.allCases)
    func `values come back as they were`(_ way: Way) async throws {
        try await withDatabase { database, scratch in
            try await scratch.run(Self.table)
            for (column, given, expected) in Self.values {
                let inserted = try await way.run(
                    SQLCommand("INSERT INTO kept(\(column)) VALUES (?)", [given]), in: database)
                #expect(inserted == SQLAnswer(changes: 1))
                let answer = try await way.run(
                    SQLCommand("SELECT \(column) FROM kept ORDER BY id DESC LIMIT ?", [1]), in: database)
                let value = try #require(answer.rows.first?.values.first)
                #expect(value == expected)
                // The sign of a zero is not everywhere kept.
                if case (.real(let value), .real(let expected)) = (value, expected), given != .real(-0.0) {
                    #expect(value.bitPattern == expected.bitPattern)
                }
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `any real number comes back to the last bit`(_ way: Way) async throws {
        var generator = SystemRandomNumberGenerator()
        let reals = (0..<200).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        try await withDatabase { database, scratch in
            try await scratch.run(Self.table)
            let places = reals.map { _ in "(?)" }.joined(separator: ",")
            _ = try await way.run(
                SQLCommand("INSERT INTO kept(amount) VALUES \(places)", reals.map(SQLValue.real)),
                in: database)
            let answer = try await way.run(SQLCommand("SELECT amount FROM kept ORDER BY id"), in: database)
            #expect(try answer.rows.map { try $0.real(at: 0).bitPattern } == reals.map(\.bitPattern))
        }
    }

    @Test(arguments: Way.allCases, [1 << 20, 10_000_000])
    func `large texts and blobs come back as they were`(_ way: Way, _ size: Int) async throws {
        let text = String(repeating: #"{"ключ": "it's\\"}"#, count: size / 20)
        let bytes = (0..<size / 2).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withDatabase { database, scratch in
            try await scratch.run(Self.table)
            _ = try await way.run(
                SQLCommand("INSERT INTO kept(note) VALUES (?)", [.text(text)]), in: database)
            _ = try await way.run(
                SQLCommand("INSERT INTO kept(raw) VALUES (?)", [.blob(bytes)]), in: database)
            let answer = try await way.run(SQLCommand("SELECT note, raw FROM kept ORDER BY id"), in: database)
            #expect(try answer.rows.map { try $0.optionalBytes(at: 0) } == [Array(text.utf8), nil])
            #expect(try answer.rows.map { try $0.optionalBytes(at: 1) } == [nil, bytes])
        }
    }

    @Test(arguments: Way.allCases)
    func `what a column holds is known by its type`(_ way: Way) async throws {
        try await withDatabase { database, scratch in
            try await scratch.run(
                """
                CREATE TABLE kinds(
                    tiny TINYINT(1), small SMALLINT UNSIGNED, wide BIGINT UNSIGNED, year YEAR,
                    whole DECIMAL(20), money DECIMAL(10,2), single FLOAT,
                    at DATETIME(3), later DATETIME(6), stamp TIMESTAMP, day DATE, span TIME(1),
                    kind ENUM('a','b'), fixed CHAR(5), code BINARY(3), flags BIT(10), doc JSON)
                """)
            try await scratch.run(
                """
                INSERT INTO kinds VALUES (
                    1, 65535, 18446744073709551615, 2026, 12345678901234567890, -1.50, 0.5,
                    '2026-01-02 03:04:05.5', '2026-01-02 03:04:05', '2026-01-02 03:04:05', '2026-01-02', '-838:59:58.9',
                    'b', 'ä', X'00FF27', b'1000000001', '{"a":1}')
                """)
            let answer = try await way.run(
                SQLCommand("SELECT k.*, SUM(tiny), COUNT(*), NULL, 'x' = 'X' FROM kinds k"), in: database)
            func text(_ text: String) -> SQLValue { .utf8(Array(text.utf8)) }
            #expect(
                answer.rows.map(\.values) == [
                    [
                        1, 65_535, text("18446744073709551615"), 2026,
                        text("12345678901234567890"), text("-1.50"), .real(0.5),
                        text("2026-01-02 03:04:05.500"), text("2026-01-02 03:04:05.000000"),
                        text("2026-01-02 03:04:05"), text("2026-01-02"), text("-838:59:58.9"),
                        text("b"), text("ä"), .blob([0x00, 0xFF, 0x27]), .blob([0x02, 0x01]),
                        text(TestMySQL.isMySQL ? #"{"a": 1}"# : #"{"a":1}"#),
                        1, 1, nil, 0,
                    ]
                ])
        }
    }

    @Test(arguments: Way.allCases)
    func `what MySQL would alter or cannot keep is refused before it is sent`(_ way: Way) async throws {
        let unfit: [(SQLValue, String)] = [
            (.real(.nan), "Value 2 is no finite number, and MySQL knows no other."),
            (.real(-.infinity), "Value 2 is no finite number, and MySQL knows no other."),
            (.utf8([0x61, 0xFF]), "Value 2 is given as a text and is not UTF-8."),
            (.utf8([0xED, 0xA0, 0x80]), "Value 2 is given as a text and is not UTF-8."),
        ]
        try await withDatabase { database, _ in
            for (value, reason) in unfit {
                await #expect(throws: SQLError.unfit(reason: reason)) {
                    try await way.run(SQLCommand("SELECT ?, ?", [1, value]), in: database)
                }
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `only the question marks that stand for values take them`(_ way: Way) async throws {
        let sql = """
            SELECT '?', "it''s ? \\" \\\\", `id?`, ? - -1, /* ? ; */ 'a''?' # ? ;
                , ? -- ? ;
            FROM (SELECT 1 AS `id?`) AS t WHERE ? = ?;
            """
        try await withDatabase { database, _ in
            let answer = try await way.run(SQLCommand(sql, [-5, "x", -7, -7]), in: database)
            #expect(
                answer.rows.map(\.values) == [
                    [
                        .utf8(Array("?".utf8)), .utf8(Array(#"it''s ? " \"#.utf8)), 1, -4,
                        .utf8(Array("a'?".utf8)), .utf8(Array("x".utf8)),
                    ]
                ])
        }
    }
}
