import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

/// Statements for several rows: MariaDB runs them once for each row, MySQL finds the rows in their text.
@Suite(.timeLimit(.minutes(2)))
struct MySQLRowTests {
    private func insert(_ values: [SQLValue]) -> SQLCommand {
        SQLCommand("INSERT INTO entry VALUES (?, ?)", rows: values, width: 2)
    }

    private func numbered(_ range: Range<Int>) -> [SQLValue] {
        range.flatMap { [SQLValue.text("id \($0)"), .integer(Int64($0))] }
    }

    @Test
    func `rows arrive as they were given, whatever their values are`() async throws {
        try await withDatabase(connections: 1) { database, scratch in
            try await scratch.run("CREATE TABLE kept(number INT, value LONGTEXT)")
            let texts: [SQLValue] = [
                .text("plain"), .null, .text(""), .text("it's \"quoted\" \\ \n"), .text("🚰 é"), .integer(-7),
                .null,
                .utf8(Array(String(repeating: "long", count: 300_000).utf8)),
            ]
            let values = texts.enumerated().flatMap { [SQLValue.integer(Int64($0.offset)), $0.element] }
            let answers = try await database.commit {
                SQLBatch([SQLCommand("INSERT INTO kept VALUES (?, ?)", rows: values, width: 2)])
            }
            #expect(answers.map(\.changes) == [texts.count])
            let rows = try await database.read { connection throws(SQLError) in
                try connection.query("SELECT value FROM kept ORDER BY number")
            }
            var stored: [String?] = []
            for row in rows { stored.append(try row.optionalText(at: 0)) }
            #expect(
                stored == [
                    "plain", nil, "", "it's \"quoted\" \\ \n", "🚰 é", "-7", nil,
                    String(repeating: "long", count: 300_000),
                ])
        }
    }

    @Test(arguments: [false, true])
    func `one alone that changes another number of rows than it has to is undone`(_ isOnLoop: Bool)
        async throws
    {
        try await withDatabase(connections: 1) { database, _ in
            _ = try await database.commit { SQLBatch([.insert("a"), .insert("b")]) }
            let update = SQLCommand.update([7, "a", 7, "c"], mustChange: 2)
            let error = await #expect(throws: SQLError.self) {
                if isOnLoop {
                    _ = try await database.commit(on: .tests) { SQLBatch([update]) }
                } else {
                    _ = try await database.commit { SQLBatch([update]) }
                }
            }
            #expect(error == .unmet(expected: 2, changed: TestMySQL.isMySQL ? nil : 1))
            let values = try await database.read { connection throws(SQLError) in
                try connection.query("SELECT MAX(value) FROM entry")[0].integer(at: 0)
            }
            #expect(values == 0)
        }
    }

    @Test
    func `one statement takes many rows, one, none and many again`() async throws {
        try await withDatabase(connections: 1) { database, _ in
            for (command, count) in [
                (insert(numbered(0..<200)), 200), (insert(numbered(200..<201)), 1), (.insert("alone"), 1),
                (insert(numbered(201..<203)), 2),
            ] {
                let answers = try await database.commit {
                    SQLBatch([command, SQLCommand("SELECT COUNT(*) FROM entry")])
                }
                #expect(answers[0].changes == count)
                #expect(answers[1].rows.count == 1)
            }
            #expect(try await database.ids.count == 204)
        }
    }

    @Test(arguments: [1, 2, 4])
    func `a transaction in which a statement hits another number of rows than it must is undone`(
        _ expected: Int
    )
        async throws
    {
        try await withDatabase(connections: 1) { database, _ in
            _ = try await database.commit { SQLBatch([.insert("id 0"), .insert("id 1"), .insert("id 2")]) }
            let rows: [SQLValue] = [7, "id 0", 7, "id 1", 7, "id 2", 7, "id 3"]
            let update = SQLCommand.update(rows, mustChange: expected)
            let changed = TestMySQL.isMySQL ? nil : 3
            await #expect(throws: SQLError.unmet(expected: expected, changed: changed)) {
                try await database.commit { SQLBatch([update, .insert("more")]) }
            }
            #expect(try await database.ids == ["id 0", "id 1", "id 2"])
            _ = try await database.commit { SQLBatch([.update(rows, mustChange: 3), .insert("more")]) }
            #expect(try await database.ids == ["id 0", "id 1", "id 2", "more"])
        }
    }

    @Test
    func `rows of which one fails leave nothing behind, and the connection serves on`() async throws {
        try await withDatabase(connections: 1) { database, _ in
            await #expect(throws: SQLError.duplicate(key: "PRIMARY")) {
                try await database.commit { SQLBatch([insert(["a", 1, "b", 2, "a", 3]), .insert("c")]) }
            }
            #expect(try await database.ids == [])
            _ = try await database.commit { SQLBatch([insert(["a", 1, "b", 2])]) }
            #expect(try await database.ids == ["a", "b"])
        }
    }

    @Test func `rows behind other commands stand in their text, and are checked there`() async throws {
        try await withDatabase(connections: 1) { database, _ in
            let rows = SQLCommand(
                "INSERT INTO entry (id, value) VALUES (CONCAT(?, '('), ?) ON DUPLICATE KEY UPDATE value = (1 + 1)",
                rows: ["it's \\", 1, "b", .null, "é", -3], width: 2, mustChange: 3)
            let answers = try await database.commit { SQLBatch([.insert("a"), rows, .insert("z")]) }
            #expect(answers.map(\.changes) == [1, 3, 1])
            #expect(try await database.ids == ["a", "b(", "it's \\(", "z", "é("])
            // Each counts twice that changes a row.
            await #expect(throws: SQLError.unmet(expected: 3, changed: nil)) {
                try await database.commit { SQLBatch([.insert("lost"), rows, .insert("too")]) }
            }
            #expect(try await database.ids.count == 5)
            let alone = SQLCommand(
                "UPDATE entry SET value = ? WHERE id = ?", rows: [1, "a", 2, "z"], width: 2)
            let error = await #expect(throws: SQLError.self) {
                try await database.commit { SQLBatch([.insert("lost"), alone]) }
            }
            #expect(error?.description.contains("no brackets around 2 values") == true)
        }
    }

    @Test func `statements that are given rows go first, each in its turn`() async throws {
        try await withDatabase(connections: 1) { database, _ in
            for round in 0..<3 {
                let rows = (0..<50).flatMap { [SQLValue.text("\(round)-\($0)"), .integer(Int64($0))] }
                let (answers, isOnLoop) = try await database.commit(on: .tests) {
                    SQLBatch([
                        SQLCommand("INSERT INTO entry VALUES (?, ?)", rows: rows, width: 2, mustChange: 50),
                        .update([.integer(-1), .text("\(round)-7")], mustChange: 1),
                        .insert("\(round)-alone"),
                    ])
                }
                #expect(answers.map(\.changes) == [50, 1, 1])
                #expect(isOnLoop)
            }
            #expect(try await database.ids.count == 153)
        }
    }
}

extension SQLCommand {
    /// Gives rows a value, `value, id` for each.
    fileprivate static func update(_ rows: [SQLValue], mustChange: Int? = nil) -> SQLCommand {
        let sql =
            TestMySQL.isMySQL
            ? """
            UPDATE (VALUES ROW(?, ?)) AS new(value, id) STRAIGHT_JOIN entry ON entry.id = new.id SET entry.value = new.value
            """ : "UPDATE entry SET value = ? WHERE id = ?"
        return SQLCommand(sql, rows: rows, width: 2, mustChange: mustChange)
    }
}
