import Glibc
import PenstockSQL
import PenstockSQLite
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SQLiteProcessTests {
    private let scratch = Scratch()

    private func count(_ condition: String) async throws -> Int64 {
        try await scratch.withDatabase { database in
            try await database.read { connection throws(SQLError) in
                try connection.query("SELECT count(*) FROM row WHERE \(condition)")[0].integer(at: 0)
            }
        }
    }

    @Test
    func `a process killed in the middle of a transaction leaves only what it had committed`() async throws {
        try await scratch.withDatabase { _ in }
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let database = try await SQLiteDatabase.open(at: path)
            try await database.write { connection throws(SQLError) in
                _ = try connection.execute("INSERT INTO row VALUES ('kept', 1)")
            }
            try await database.write { connection throws(SQLError) in
                for number in 0..<10_000 {
                    try connection.execute(
                        "INSERT INTO row VALUES (?, ?)",
                        [.text("lost-\(number)"), .blob(Array(repeating: 1, count: 2_000))])
                }
                kill(getpid(), SIGKILL)
            }
        }
        #expect(try await count("key = 'kept'") == 1)
        #expect(try await count("key LIKE 'lost-%'") == 0)
        let check = try await scratch.withDatabase { database in
            try await database.read { connection throws(SQLError) in
                try connection.query("PRAGMA integrity_check")[0].text(at: 0)
            }
        }
        #expect(check == "ok")
    }

    @Test
    func `three processes that write at once all get their turn`() async throws {
        try await scratch.withDatabase { _ in }
        let path = scratch.path
        await withTaskGroup { group in
            for name in ["a", "b", "c"] {
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [path = path as String, name = name as String] in
                        let database = try await SQLiteDatabase.open(at: path)
                        for number in 0..<200 {
                            try await database.write { connection throws(SQLError) in
                                _ = try connection.execute(
                                    "INSERT INTO row VALUES (?, 1)", [.text("\(name)-\(number)")])
                            }
                        }
                        await database.close()
                    }
                }
            }
        }
        #expect(try await count("true") == 600)
    }
}
