import Dispatch
import Glibc
import PenstockSQL
import PenstockSQLite
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SQLiteTransactionTests {
    private static let insert = "INSERT INTO row VALUES (?, ?)"

    private func keys(in database: SQLiteDatabase) async throws -> [String] {
        let rows = try await database.read { connection throws(SQLError) in
            try connection.query("SELECT key FROM row ORDER BY key")
        }
        return try rows.map { try $0.text(at: 0) }
    }

    @Test
    func `execute counts the rows it changed`() async throws {
        try await Scratch().withDatabase { database in
            let counts = try await database.write { connection throws(SQLError) in
                [
                    try connection.execute(Self.insert, ["a", 1]),
                    try connection.execute("INSERT INTO row VALUES ('b', 2), ('c', 3)"),
                    try connection.execute("UPDATE row SET value = 1"),
                    try connection.execute("UPDATE row SET value = 1 WHERE key = 'none'"),
                    try connection.execute("CREATE TABLE other(id)"),
                    try connection.execute("DELETE FROM row"),
                ]
            }
            #expect(counts == [1, 2, 3, 0, 0, 3])
        }
    }

    @Test
    func `a statement may return the rows it wrote`() async throws {
        try await Scratch().withDatabase { database in
            let sql = """
                INSERT INTO row VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET value = value + 1 RETURNING value
                """
            let epochs = try await database.write { connection throws(SQLError) in
                [try connection.query(sql, ["s"]), try connection.query(sql, ["s"])]
            }
            #expect(try epochs.map { try $0[0].integer(at: 0) } == [1, 2])
        }
    }

    @Test
    func `a second row of the same key is a duplicate`() async throws {
        try await Scratch().withDatabase { database in
            await #expect(throws: SQLError.duplicate(key: "row.key")) {
                try await database.write { connection throws(SQLError) in
                    try connection.execute(Self.insert, ["secret", 1])
                    try connection.execute(Self.insert, ["secret", 2])
                }
            }
        }
    }

    @Test
    func `a body may go on after a duplicate`() async throws {
        try await Scratch().withDatabase { database in
            try await database.write { connection throws(SQLError) in
                try connection.execute(Self.insert, ["a", 1])
                do throws(SQLError) {
                    try connection.execute(Self.insert, ["a", 2])
                } catch {
                    guard case .duplicate = error else { throw error }
                }
                try connection.execute(Self.insert, ["b", 2])
            }
            #expect(try await keys(in: database) == ["a", "b"])
        }
    }

    @Test
    func `wrong use is a bug, told without values`() async throws {
        try await Scratch().withDatabase { database in
            for (sql, values): (String, [SQLValue]) in [
                (Self.insert, ["secret"]),
                (Self.insert, ["secret", 1, 2]),
                ("INSERT INTO nowhere VALUES (?)", ["secret"]),
                ("INSERT INTO", []),
                ("", []),
                ("SELECT 1; SELECT 2", []),
                ("COMMIT", []),
            ] {
                let error = await #expect(throws: SQLError.self) {
                    try await database.write { connection throws(SQLError) in
                        _ = try connection.execute(sql, values)
                    }
                }
                guard case .bug(let reason) = error else {
                    Issue.record("\(sql) gave \(String(describing: error))")
                    continue
                }
                #expect(!reason.contains("secret"))
            }
            let left = try await keys(in: database)
            #expect(left == [])
        }
    }

    @Test
    func `nothing runs after SQLite itself has undone the transaction`() async throws {
        try await Scratch().withDatabase { database in
            await #expect(throws: SQLError.duplicate(key: "row.key")) {
                try await database.write { connection throws(SQLError) in
                    try connection.execute(Self.insert, ["a", 1])
                    do throws(SQLError) {
                        try connection.execute("INSERT OR ROLLBACK INTO row VALUES ('a', 2)")
                    } catch {}
                    do throws(SQLError) {
                        try connection.execute(Self.insert, ["b", 1])
                    } catch {}
                }
            }
            let left = try await keys(in: database)
            #expect(left == [])
        }
    }

    @Test
    func `no room left is refused, and the store goes on when there is some`() async throws {
        try await Scratch().withDatabase { database in
            let large = SQLValue.blob([UInt8](repeating: 1, count: 1_000_000))
            let error = await #expect(throws: SQLError.self) {
                try await database.write { connection throws(SQLError) in
                    try connection.script("PRAGMA max_page_count = 20")
                    try connection.execute(Self.insert, ["a", large])
                }
            }
            #expect(error?.description.contains("no room left") == true)
            try await database.write { connection throws(SQLError) in
                try connection.script("PRAGMA max_page_count = 100000")
                try connection.execute(Self.insert, ["b", large])
            }
            let left = try await keys(in: database)
            #expect(left == ["b"])
        }
    }

    @Test
    func `a statement with a semicolon behind it is still one`() async throws {
        try await Scratch().withDatabase { database in
            let rows = try await database.read { connection throws(SQLError) in
                try connection.query("SELECT 1; \n")
            }
            #expect(rows == [SQLRow([1])])
        }
    }

    @Test
    func `a read cannot write`() async throws {
        try await Scratch().withDatabase { database in
            await #expect(throws: SQLError.bug(reason: "A transaction that only reads was asked to write.")) {
                try await database.read { connection throws(SQLError) in
                    _ = try connection.execute(Self.insert, ["a", 1])
                }
            }
        }
    }

    @Test
    func `a read waits for no writer and sees what was committed`() async throws {
        try await Scratch().withDatabase { database in
            try await database.write { connection throws(SQLError) in
                _ = try connection.execute(Self.insert, ["a", 1])
            }
            let (wrote, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let writing: Void = database.write { connection throws(SQLError) in
                try connection.execute(Self.insert, ["b", 1])
                wrote.signal()
                goOn.wait()
            }
            let before = try await database.read { connection throws(SQLError) in
                wrote.wait()
                return try connection.query("SELECT key FROM row").count
            }
            goOn.signal()
            try await writing
            #expect(before == 1)
            #expect(try await keys(in: database) == ["a", "b"])
        }
    }

    @Test
    func `whoever cannot get the lock in time is told of contention`() async throws {
        let scratch = Scratch()
        try await scratch.withDatabase { first in
            try await scratch.withDatabase(SQLiteOptions(patience: .milliseconds(50))) { second in
                let (locked, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
                async let holding: Void = first.write { _ throws(SQLError) in
                    locked.signal()
                    goOn.wait()
                }
                _ = try await second.read { _ throws(SQLError) in locked.wait() }
                let error = await #expect(throws: SQLError.self) {
                    try await second.write { connection throws(SQLError) in
                        _ = try connection.execute(Self.insert, ["a", 1])
                    }
                }
                guard case .contention = error else {
                    Issue.record("not contention but \(String(describing: error))")
                    goOn.signal()
                    return
                }
                goOn.signal()
                try await holding
                try await second.write { connection throws(SQLError) in
                    _ = try connection.execute(Self.insert, ["a", 1])
                }
            }
        }
    }

    @Test
    func `many writers over several connections lose nothing`() async throws {
        let scratch = Scratch()
        try await scratch.withDatabase { first in
            try await scratch.withDatabase { second in
                try await withThrowingTaskGroup { group in
                    for writer in 0..<16 {
                        let database = writer.isMultiple(of: 2) ? first : second
                        group.addTask {
                            for number in 0..<10 {
                                try await database.write { connection throws(SQLError) in
                                    _ = try connection.execute(
                                        Self.insert, [.text("\(writer)-\(number)"), 1])
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await keys(in: first).count == 160)
            }
        }
    }
}
