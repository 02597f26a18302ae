import PenstockSQL
import PenstockSQLite
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SQLiteValueTests {
    static let values: [(SQLValue, SQLValue)] = [
        (.null, .null),
        (.integer(0), .integer(0)),
        (.integer(.min), .integer(.min)),
        (.integer(.max), .integer(.max)),
        (.real(1.0), .real(1.0)),
        (.real(-0.1), .real(-0.1)),
        (.text(""), .utf8([])),
        (.text("größer 🚰"), .utf8(Array("größer 🚰".utf8))),
        (.text("a\0b"), .utf8([97, 0, 98])),
        (.utf8(Array(#"{"a": 1.0}"#.utf8)), .utf8(Array(#"{"a": 1.0}"#.utf8))),
        (.utf8([0xFF, 0xC0, 0x80]), .utf8([0xFF, 0xC0, 0x80])),
        (.blob([]), .blob([])),
        (.blob([0, 1, 0, 255]), .blob([0, 1, 0, 255])),
    ]

    @Test(arguments: values)
    func `a value comes back as it was`(_ given: SQLValue, _ expected: SQLValue) async throws {
        try await Scratch().withDatabase { database in
            let row = try await database.write { connection throws(SQLError) in
                try connection.execute("INSERT INTO row VALUES ('k', ?)", [given])
                return try connection.query("SELECT value FROM row", [])[0]
            }
            #expect(row.values == [expected])
            #expect(
                try await database.read { connection throws(SQLError) in
                    try connection.query("SELECT value FROM row")
                } == [row])
        }
    }

    @Test
    func `ten megabytes come back as they were`() async throws {
        let large = (0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await Scratch().withDatabase { database in
            try await database.write { connection throws(SQLError) in
                try connection.execute("INSERT INTO row VALUES (?, ?)", ["blob", .blob(large)])
                try connection.execute("INSERT INTO row VALUES (?, ?)", ["text", .utf8(large)])
            }
            let rows = try await database.read { connection throws(SQLError) in
                try connection.query("SELECT value, typeof(value) FROM row ORDER BY key")
            }
            #expect(try rows.map { try $0.text(at: 1) } == ["blob", "text"])
            #expect(try rows.allSatisfy { try $0.bytes(at: 0) == large })
        }
    }

    @Test
    func `many values of one statement keep their places`() async throws {
        let values = (0..<200).map { SQLValue.text(String(repeating: "\($0)", count: $0)) }
        try await Scratch().withDatabase { database in
            let row = try await database.read { connection throws(SQLError) in
                try connection.query("SELECT " + values.map { _ in "?" }.joined(separator: ","), values)[0]
            }
            for (column, value) in values.enumerated() { #expect(try .text(row.text(at: column)) == value) }
        }
    }

    @Test
    func `a column that holds something else is unreadable, and its value stays unsaid`() throws {
        let row = SQLRow([.text("secret"), .null, .utf8([0xFF]), .integer(3)])
        #expect(throws: SQLError.unreadable(reason: "Column 0 holds a text where an integer was expected.")) {
            try row.integer(at: 0)
        }
        #expect(throws: SQLError.unreadable(reason: "Column 1 holds NULL where a text was expected.")) {
            try row.text(at: 1)
        }
        #expect(throws: SQLError.unreadable(reason: "Column 2 holds a text that is not UTF-8.")) {
            try row.text(at: 2)
        }
        #expect(throws: SQLError.bug(reason: "Column 4 was asked for in a row of 4.")) {
            try row.integer(at: 4)
        }
        #expect(try row.optionalText(at: 1) == nil)
        #expect(try row.optionalInteger(at: 3) == 3)
        #expect(try row.real(at: 3) == 3)
    }
}
