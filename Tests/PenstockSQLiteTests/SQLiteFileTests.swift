import Foundation
import PenstockSQL
import PenstockSQLite
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SQLiteFileTests {
    private let scratch = Scratch()

    private func refusal(opening path: String) async -> String {
        do throws(SQLError) {
            await (try SQLiteDatabase.open(at: path)).close()
            return "opened"
        } catch {
            guard case .refused(let reason) = error else { return "\(error)" }
            return reason
        }
    }

    @Test
    func `a file that is no database is refused and left alone`() async throws {
        let text = Data(String(repeating: "no database\n", count: 500).utf8)
        try text.write(to: URL(filePath: scratch.path))
        #expect(await refusal(opening: scratch.path) == "'\(scratch.path)' is no SQLite database.")
        #expect(try Data(contentsOf: URL(filePath: scratch.path)) == text)
    }

    @Test
    func `a path that cannot be is refused with its reason`() async {
        let missing = scratch.folder + "/missing"
        #expect(
            await refusal(opening: missing + "/store.db")
                == "The folder '\(missing)' of the SQLite store does not exist; make it first.")
        #expect(await refusal(opening: scratch.folder).contains("is no file"))
        #expect(await refusal(opening: "").contains("needs the path of a file"))
        #expect(await refusal(opening: ":memory:").contains("use the memory store"))
    }

    @Test
    func `a folder that may not be written is named`() async throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: scratch.folder)
        let path = scratch.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            // Nothing is forbidden to root.
            if getuid() == 0 { setuid(65_534) }
            do throws(SQLError) {
                await (try SQLiteDatabase.open(at: path)).close()
            } catch {
                exit(error.description.contains("may not be written by this user") ? 0 : 3)
            }
            exit(4)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.folder)
    }

    @Test
    func `a store in another encoding is refused`() async throws {
        let made = Process()
        made.executableURL = URL(filePath: "/usr/bin/env")
        made.arguments = [
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('PRAGMA encoding=\"UTF-16le\"'); "
                + "c.execute('CREATE TABLE t(x)')", scratch.path,
        ]
        try made.run()
        made.waitUntilExit()
        let reason = await refusal(opening: scratch.path)
        #expect(reason.contains("only UTF-8 will do"))
    }

    @Test
    func `a file that was deleted while open takes no more writes`() async throws {
        try await scratch.withDatabase { database in
            try FileManager.default.removeItem(atPath: scratch.path)
            let error = await #expect(throws: SQLError.self) {
                try await database.write { connection throws(SQLError) in
                    _ = try connection.execute("INSERT INTO row VALUES ('a', 1)")
                }
            }
            #expect(error?.description.contains("moved or deleted") == true)
        }
    }

    @Test
    func `a closed store refuses, and closes twice`() async throws {
        let database = try await SQLiteDatabase.open(at: scratch.path)
        await database.close()
        await database.close()
        await #expect(throws: SQLError.refused(reason: "The SQLite store '\(scratch.path)' was closed.")) {
            try await database.read { connection throws(SQLError) in try connection.query("SELECT 1") }
        }
    }

    @Test
    func `the log is moved into the file and does not grow for ever`() async throws {
        let value = SQLValue.blob([UInt8](repeating: 7, count: 100_000))
        try await scratch.withDatabase(SQLiteOptions(synchronous: .normal)) { database in
            for batch in 0..<40 {
                try await database.write { connection throws(SQLError) in
                    for row in 0..<20 {
                        try connection.execute(
                            "INSERT INTO row VALUES (?, ?)", [.text("\(batch)-\(row)"), value])
                    }
                }
            }
            let facts = try await database.describe().facts
            let log = facts.first { $0.name == "log_bytes" }.flatMap { Int($0.value) } ?? .max
            #expect(log < 40_000_000)
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "-wal"))
    }

    @Test
    func `it describes how durable it is`() async throws {
        for (synchronous, concerned) in [(SQLiteOptions.Synchronous.full, false), (.normal, true)] {
            try await scratch.withDatabase(SQLiteOptions(synchronous: synchronous)) { database in
                let description = try await database.describe()
                #expect(description.product == "SQLite")
                #expect(description.location == scratch.path)
                #expect(description.version.hasPrefix("3."))
                #expect(description.facts.contains(.init("journal_mode", "wal")))
                let fact = description.facts.first { $0.name == "synchronous" }
                #expect(fact?.value == synchronous.rawValue)
                #expect((fact?.complaint != nil) == concerned)
            }
        }
    }

    @Test
    func `many that open a new file at once all succeed`() async throws {
        let path = scratch.path
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask { await (try SQLiteDatabase.open(at: path)).close() }
            }
            try await group.waitForAll()
        }
        try await scratch.withDatabase { database in
            try await database.write { connection throws(SQLError) in
                _ = try connection.execute("INSERT INTO row VALUES ('a', 1)")
            }
        }
        let rows = try await scratch.withDatabase { database in
            try await database.read { connection throws(SQLError) in
                try connection.query("SELECT value FROM row")
            }
        }
        #expect(rows == [SQLRow([1])])
    }
}
