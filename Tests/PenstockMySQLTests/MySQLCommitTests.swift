import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct MySQLCommitTests {
    /// A row of a session, a compare that updates it, and what is inserted only if that hit.
    private func save(_ session: String, seen: Int64) -> [SQLCommand] {
        [
            SQLCommand(
                "UPDATE entry SET value = ? WHERE id = ? AND value = ?",
                [.integer(seen + 1), .text(session), .integer(seen)]),
            SQLCommand(
                "INSERT INTO checkpoint (id, state) SELECT ?, ? FROM DUAL WHERE ROW_COUNT() = 1",
                [.text("\(session) \(seen + 1)"), .utf8(Array("'\(seen)'\\".utf8))]),
            SQLCommand(
                """
                INSERT INTO job (id, status) SELECT ?, ? FROM DUAL WHERE ROW_COUNT() = 1
                ON DUPLICATE KEY UPDATE status = VALUES(status)
                """, [.text(session), .text("done; -- ?")]),
        ]
    }

    private static let tables = [
        "CREATE TABLE checkpoint(id VARCHAR(80) COLLATE utf8mb4_bin PRIMARY KEY, state LONGTEXT)",
        "CREATE TABLE job(id VARCHAR(80) COLLATE utf8mb4_bin PRIMARY KEY, status VARCHAR(20))",
    ]

    @Test
    func `what is bound to the row before takes effect if that was hit, and only then`() async throws {
        try await withDatabase { database, scratch in
            for table in Self.tables { try await scratch.run(table) }
            try await scratch.run("INSERT INTO entry VALUES ('a', 0), ('b', 5), ('c', 0)")
            let answers = try await database.commit {
                SQLBatch(save("a", seen: 0) + save("b", seen: 0) + save("c", seen: 0))
            }
            #expect(answers.map(\.changes) == [1, 1, 1, 0, 0, 0, 1, 1, 1])
            let again = try await database.commit { SQLBatch(save("a", seen: 1) + save("c", seen: 0)) }
            #expect(again.map(\.changes) == [1, 1, 1, 0, 0, 0])
            #expect(try await scratch.run("SELECT id FROM checkpoint ORDER BY id") == ["a 1", "a 2", "c 1"])
            #expect(try await scratch.run("SELECT state FROM checkpoint WHERE id = 'a 2'") == ["'1'\\"])
            #expect(try await scratch.run("SELECT status FROM job") == ["done; -- ?", "done; -- ?"])
        }
    }

    @Test
    func `an UPDATE that writes what is there already has hit`() async throws {
        try await withDatabase { database, scratch in
            try await scratch.run("INSERT INTO entry VALUES ('a', 1)")
            let answers = try await database.commit {
                SQLBatch([
                    SQLCommand("UPDATE entry SET value = 1 WHERE id = ?", ["a"]),
                    SQLCommand("INSERT INTO entry SELECT ?, 0 FROM DUAL WHERE ROW_COUNT() = 1", ["b"]),
                    SQLCommand("INSERT INTO entry VALUES ('b', 0) ON DUPLICATE KEY UPDATE value = 0"),
                    SQLCommand("INSERT INTO entry SELECT ?, 0 FROM DUAL WHERE ROW_COUNT() = 1", ["c"]),
                ])
            }
            #expect(answers.map(\.changes) == [1, 1, 1, 1])
            #expect(try await database.ids == ["a", "b", "c"])
        }
    }

    @Test
    func `commands may give rows`() async throws {
        try await withDatabase { database, _ in
            let answers = try await database.commit {
                SQLBatch([
                    .insert("a", 1), SQLCommand("SELECT id, value FROM entry"), .insert("b", 2),
                    SQLCommand("SELECT value FROM entry WHERE id = ?", ["none"]),
                    SQLCommand("SELECT id FROM entry ORDER BY id DESC"),
                ])
            }
            #expect(answers.map(\.rows.count) == [0, 1, 0, 0, 2])
            #expect(answers.map(\.changes) == [1, 0, 1, 0, 0])
            #expect(answers[1].rows == [SQLRow([.utf8([97]), 1])])
            #expect(answers[4].rows == [SQLRow([.utf8([98])]), SQLRow([.utf8([97])])])
        }
    }

    /// A server that takes packets of less than a megabyte.
    private static let narrow = Task { try await TestMySQL.start(options: ["--max-allowed-packet=1M"]) }

    static let faults: [SQLCommand] = [
        .insert("there"),
        SQLCommand("INSERT INTO nowhere VALUES (?)", [1]),
        SQLCommand("INSRT INTO entry VALUES (?)", [1]),
        SQLCommand("INSERT INTO entry VALUES (?, ?)", ["only one"]),
        SQLCommand("INSERT INTO entry VALUES ('x', 1); COMMIT"),
        SQLCommand("INSERT INTO entry VALUES ('open, 1)"),
        SQLCommand(" ; "),
        SQLCommand("INSERT INTO entry VALUES (?, ?)", ["x", .real(.nan)]),
        SQLCommand("INSERT INTO entry VALUES (?, ?)", [.text(String(repeating: "x", count: 81)), 1]),
    ]

    @Test(arguments: [0, 1, 2, 5])
    func `a fault at any place undoes all, and the connection goes on`(_ place: Int) async throws {
        try await withDatabase(connections: 1) { database, _ in
            _ = try await database.commit { SQLBatch([.insert("there")]) }
            for fault in Self.faults {
                await #expect(throws: SQLError.self) {
                    try await database.commit {
                        var commands = (0..<5).map { SQLCommand.insert("new \($0)") }
                        commands.insert(fault, at: place)
                        return SQLBatch(commands)
                    }
                }
                #expect(try await database.ids == ["there"])
            }
            _ = try await database.commit { SQLBatch([.insert("a"), .insert("b")]) }
            #expect(try await database.ids == ["a", "b", "there"])
        }
    }

    @Test
    func `a fault of one command alone undoes it`() async throws {
        try await withDatabase(connections: 1) { database, _ in
            _ = try await database.commit { SQLBatch([.insert("there")]) }
            for fault in Self.faults {
                await #expect(throws: SQLError.self) { try await database.commit { SQLBatch([fault]) } }
                #expect(try await database.ids == ["there"])
            }
        }
    }

    @Test
    func `a thousand commands of ten kilobytes are one transaction`() async throws {
        let text = String(repeating: "0123456789", count: 1_000)
        try await withDatabase { database, scratch in
            try await scratch.run("CREATE TABLE checkpoint(id INT PRIMARY KEY, state LONGTEXT)")
            let commands = (0..<1_000).map { number in
                SQLCommand(
                    "INSERT INTO checkpoint VALUES (?, ?)",
                    [.integer(Int64(number)), .text("\(number) \(text)")])
            }
            let answers = try await database.commit { SQLBatch(commands) }
            #expect(answers.map(\.changes) == Array(repeating: 1, count: 1_000))
            let check =
                "SELECT COUNT(*) + SUM(state = CONCAT(id, ' ', REPEAT('0123456789', 1000))) FROM checkpoint"
            #expect(try await scratch.run(check) == ["2000"])
            await #expect(throws: SQLError.duplicate(key: "PRIMARY")) {
                try await database.commit {
                    SQLBatch(
                        [SQLCommand("DELETE FROM checkpoint")] + commands
                            + [SQLCommand("INSERT INTO checkpoint VALUES (999, '')")])
                }
            }
            #expect(try await scratch.run(check) == ["2000"])
        }
    }

    @Test
    func `what is larger than a packet leaves in several, and is one transaction`() async throws {
        try await withDatabase(on: Self.narrow.value, connections: 1) { database, scratch in
            try await scratch.run("CREATE TABLE checkpoint(id INT PRIMARY KEY, state LONGTEXT)")
            @Sendable func inserts(_ sizes: [Int]) -> [SQLCommand] {
                sizes.enumerated().map { number, size in
                    SQLCommand(
                        "INSERT INTO checkpoint SELECT ?, ? FROM DUAL WHERE ROW_COUNT() = \(number == 0 ? 0 : 1)",
                        [.integer(Int64(number)), .text(String(repeating: "x", count: size))])
                }
            }
            let sizes = [400_000, 400_000, 400_000, 1_048_400, 10, 1_000_000, 48_000, 1, 700_000]
            let answers = try await database.commit { SQLBatch(inserts(sizes)) }
            #expect(answers.map(\.changes) == sizes.map { _ in 1 })
            let lengths = "SELECT LENGTH(state) FROM checkpoint ORDER BY id"
            #expect(try await scratch.run(lengths) == sizes.map(String.init))
            // The first writes have been run when the last fails.
            for last in [SQLCommand("INSERT INTO checkpoint VALUES (0, '')"), inserts([1_048_576])[0]] {
                await #expect(throws: SQLError.self) {
                    try await database.commit {
                        SQLBatch(
                            [SQLCommand("DELETE FROM checkpoint WHERE id > 0")] + inserts(sizes).dropFirst()
                                + [last])
                    }
                }
                #expect(try await scratch.run(lengths) == sizes.map(String.init))
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `a command larger than a packet is refused before it is sent`(_ way: Way) async throws {
        try await withDatabase(on: Self.narrow.value, connections: 1) { database, scratch in
            try await scratch.run(
                "CREATE TABLE checkpoint(id INT AUTO_INCREMENT PRIMARY KEY, state LONGTEXT)")
            @Sendable func insert(_ size: Int) -> SQLCommand {
                SQLCommand(
                    "INSERT INTO checkpoint(state) VALUES (?)", [.utf8(Array(repeating: 0x27, count: size))])
            }
            for size in [1_048_576, 2_000_000] {
                let error = await #expect(throws: SQLError.self) {
                    try await way.run(insert(size), in: database)
                }
                guard case .unfit(let reason) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(reason.contains("its max_allowed_packet is 1048576. Raise it."))
            }
            #expect(try await way.run(insert(500_000), in: database).changes == 1)
            #expect(try await scratch.run("SELECT LENGTH(state) FROM checkpoint") == ["500000"])
        }
    }

    @Test
    func `no packet that passes is too large for the server`() async throws {
        try await withDatabase(on: Self.narrow.value, connections: 1) { database, _ in
            var outcomes: Set<Bool> = []
            for size in stride(from: 1_048_576 - 160, through: 1_048_576, by: 5) {
                let text = SQLValue.text(String(repeating: "x", count: size))
                for way in Way.allCases {
                    do {
                        _ = try await way.run(SQLCommand("DO LENGTH(?)", [text]), in: database)
                        outcomes.insert(true)
                    } catch SQLError.unfit(let reason) {
                        outcomes.insert(false)
                        #expect(reason.hasPrefix("A command of"))
                    }
                }
            }
            #expect(outcomes == [true, false])
        }
    }
}
