import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct MySQLTransactionTests {
    @Test
    func `a body that does nothing costs nothing and may throw`() async throws {
        try await withDatabase(connections: 1) { database, _ in
            try await database.write { _ in }
            try await database.read { _ in }
            await #expect(throws: SQLError.refused(reason: "No.")) {
                try await database.write { _ throws(SQLError) in throw .refused(reason: "No.") }
            }
            #expect(try await database.ids == [])
        }
    }

    @Test
    func `what a statement has changed is counted`() async throws {
        try await withDatabase { database, _ in
            let statements: [(String, Int)] = [
                ("INSERT INTO entry VALUES ('a', 1)", 1),
                ("INSERT INTO entry VALUES ('b', 2), ('c', 3)", 2),
                ("UPDATE entry SET value = 1", 3),
                // Found, though there was nothing to change.
                ("UPDATE entry SET value = 1 WHERE id = 'a'", 1),
                ("UPDATE entry SET value = 1 WHERE id = 'none'", 0),
                ("INSERT INTO entry VALUES ('a', 1) ON DUPLICATE KEY UPDATE value = 1", 1),
                ("INSERT INTO entry VALUES ('a', 1) ON DUPLICATE KEY UPDATE value = 2", 2),
                ("SELECT * FROM entry", 0),
                ("DELETE FROM entry", 3),
            ]
            let counts = try await database.write { connection throws(SQLError) in
                var counts: [Int] = []
                for (sql, _) in statements { counts.append(try connection.execute(sql)) }
                return counts
            }
            #expect(counts == statements.map(\.1))
            let answers = try await database.commit { SQLBatch(statements.map { SQLCommand($0.0) }) }
            #expect(answers.map(\.changes) == statements.map(\.1))
        }
    }

    @Test
    func `a transaction sees what it has written`() async throws {
        try await withDatabase { database, _ in
            let seen = try await database.write { connection throws(SQLError) in
                _ = try connection.run(.insert("a", 41))
                try connection.execute("UPDATE entry SET value = value + 1")
                return try connection.query("SELECT value FROM entry")[0].integer(at: 0)
            }
            #expect(seen == 42)
        }
    }

    @Test
    func `a transaction that reads sees one state, and waits for no writer`() async throws {
        try await withDatabase(connections: 2) { database, scratch in
            try await scratch.run("INSERT INTO entry VALUES ('a', 1), ('b', 1)")
            let counts = try await database.read { connection throws(SQLError) in
                let first = try connection.query("SELECT SUM(value) FROM entry")
                let others = MySQLConnectionBox(scratch.address)
                try others.run("START TRANSACTION; UPDATE entry SET value = 2")
                let during = try connection.query("SELECT SUM(value) FROM entry")
                try others.run("COMMIT")
                return [first, during, try connection.query("SELECT SUM(value) FROM entry")]
            }
            #expect(try counts.map { try $0[0].integer(at: 0) } == [2, 2, 2])
            #expect(
                try await database.read { connection throws(SQLError) in
                    try connection.query("SELECT SUM(value) FROM entry")[0].integer(at: 0)
                } == 4)
        }
    }

    @Test
    func `a transaction that writes sees what was committed while it waited for a row`() async throws {
        try await withDatabase(connections: 2) { database, scratch in
            try await scratch.run("INSERT INTO entry VALUES ('a', 1), ('b', 1)")
            let seen = try await database.write { connection throws(SQLError) in
                _ = try connection.query("SELECT * FROM entry")
                try MySQLConnectionBox(scratch.address).run("UPDATE entry SET value = 7 WHERE id = 'b'")
                try connection.execute("UPDATE entry SET value = 2 WHERE id = 'a'")
                return try connection.query("SELECT value FROM entry WHERE id = 'b'")[0].integer(at: 0)
            }
            #expect(seen == 7)
        }
    }

    @Test(arguments: [0, 1])
    func `a transaction that reads cannot write`(_ place: Int) async throws {
        try await withDatabase { database, _ in
            await #expect(
                throws: SQLError.bug(reason: "A transaction that only reads was asked to write.")
            ) {
                try await database.read { connection throws(SQLError) in
                    if place == 1 { _ = try connection.query("SELECT 1") }
                    _ = try connection.run(.insert("a"))
                }
            }
            let ids = try await database.ids
            #expect(ids.isEmpty)
        }
    }

    @Test
    func `transactions do not nest`() async throws {
        let database = try await TestMySQL.shared.makeDatabase()
        let connection = try MySQLConnection(to: database.address)
        defer { connection.close() }
        #expect(throws: SQLError.bug(reason: "A transaction was begun within another.")) {
            try connection.transaction(.writing) { _ throws(SQLError) in
                try connection.transaction(.reading) { _ in }
            }
        }
    }

    @Test
    func `a script holds many statements, and what follows it is a transaction`() async throws {
        try await withDatabase { database, _ in
            await #expect(throws: SQLError.refused(reason: "No.")) {
                try await database.write { connection throws(SQLError) in
                    try connection.script(
                        """
                        -- Two tables; and a row.
                        CREATE TABLE one(id INT PRIMARY KEY, note VARCHAR(20) DEFAULT ';');
                        CREATE TABLE two(id INT);
                        """)
                    _ = try connection.run(.insert("a"))
                    try connection.execute("INSERT INTO one(id) VALUES (1)")
                    throw .refused(reason: "No.")
                }
            }
            #expect(try await database.ids == [])
            let notes = try await database.write { connection throws(SQLError) in
                try connection.script("INSERT INTO one(id) VALUES (2); INSERT INTO two VALUES (2)")
                return try connection.query("SELECT note FROM one JOIN two USING (id)")
            }
            #expect(try notes.map { try $0.text(at: 0) } == [";"])
            await #expect(throws: SQLError.self) {
                try await database.write { connection throws(SQLError) in
                    try connection.script("INSERT INTO one(id) VALUES (3); INSERT INTO nowhere VALUES (2)")
                }
            }
            let count = try await database.read { connection throws(SQLError) in
                try connection.query("SELECT COUNT(*) FROM one")[0].integer(at: 0)
            }
            #expect(count == 1)
        }
    }

    @Test
    func `more statements than are kept prepared can be used in turn`() async throws {
        try await withDatabase(connections: 1) { database, _ in
            let answers = try await database.read { connection throws(SQLError) in
                var answers: [Int64] = []
                for number in Array(0..<100) + Array(0..<100) {
                    answers.append(try connection.query("SELECT ? + \(number)", [1])[0].integer(at: 0))
                }
                return answers
            }
            #expect(answers == (Array(1...100) + Array(1...100)).map(Int64.init))
            let prepared = try await database.read { connection throws(SQLError) in
                try connection.query("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'")[0].text(at: 1)
            }
            #expect(Int(prepared) ?? 0 > 100)
        }
    }
}
