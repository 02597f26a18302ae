import Foundation
import PenstockCheckpointers
import PenstockModel
import PenstockSQL
import PenstockSQLite
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SQLiteStartTests {
    @Test func `forty stores of eight processes start at once on a file that is not there`() async throws {
        let scratch = try ScratchFolder()
        await withTaskGroup { group in
            for process in 0..<8 {
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [file = scratch.file as String, process = process as Int] in
                        try await withThrowingTaskGroup { group in
                            for store in 0..<5 {
                                group.addTask {
                                    let id = "s-\(process)-\(store)"
                                    let store = try await SQLCheckpointer.sqlite(path: file)
                                    var writer = try await Writer.open(
                                        SessionID(checking: id), in: store, job: JobID(checking: id))
                                    try await writer.save()
                                    await store.close()
                                }
                            }
                            try await group.waitForAll()
                        }
                    }
                }
            }
        }
        let store = try await SQLCheckpointer.sqlite(path: scratch.file)
        #expect(try await store.size() == StoreSize(sessions: 40, checkpoints: 40, bytes: 80))
        await store.close()
        #expect(try await scratch.query("SELECT version FROM penstock_migration") == [["1"], ["2"]])
    }

    @Test func `stores of different prefixes share a file and nothing else`() async throws {
        let scratch = try ScratchFolder()
        let prefixes = ["penstock_", "llmfy_", "", "2nd_", "Penstock2_"]
        for prefix in prefixes {
            let store = try await SQLCheckpointer.sqlite(path: scratch.file, tablePrefix: prefix)
            var writer = try await Writer.open("s", in: store)
            try await writer.save(state: #"{"prefix":"\#(prefix)"}"#)
            await store.close()
        }
        for prefix in prefixes {
            let store = try await SQLCheckpointer.sqlite(path: scratch.file, tablePrefix: prefix)
            #expect(
                try await store.history(of: "s").map(\.state) == [Array(#"{"prefix":"\#(prefix)"}"#.utf8)])
            try await store.clear()
            await store.close()
        }
    }

    @Test(arguments: [
        "a-b", "a.b", "a\"b", "a b", "ä", "sqlite_", "SQLite_x", String(repeating: "x", count: 41),
    ])
    func `a prefix that makes no table's name is refused`(_ prefix: String) async throws {
        let scratch = try ScratchFolder()
        await #expect {
            try await SQLCheckpointer.sqlite(path: scratch.file, tablePrefix: prefix)
        } throws: {
            isRefused($0)
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.file))
    }

    @Test func `a folder that is not there is refused with its name`() async throws {
        let scratch = try ScratchFolder()
        let folder = scratch.path + "/nowhere"
        await #expect {
            try await SQLCheckpointer.sqlite(path: folder + "/store.db")
        } throws: { error in
            isRefused(error) && "\(error)".contains(folder)
        }
    }

    @Test func `a table of that name with other columns is refused and left alone`() async throws {
        for columns in [
            "a INTEGER",
            "checkpoint_id TEXT, session_id TEXT, run_id TEXT, created_at TEXT, node TEXT, prev_node TEXT, state BLOB",
        ] {
            let scratch = try ScratchFolder()
            try await scratch.script("CREATE TABLE penstock_checkpoint (\(columns))")
            await #expect {
                try await SQLCheckpointer.sqlite(path: scratch.file)
            } throws: {
                isRefused($0)
            }
            #expect(try await scratch.query("SELECT name FROM sqlite_master") == [["penstock_checkpoint"]])
        }
    }

    @Test func `a file that a later version has migrated is used as it is`() async throws {
        let scratch = try ScratchFolder()
        try await SQLCheckpointer.sqlite(path: scratch.file).close()
        try await scratch.script(
            """
            INSERT INTO penstock_migration VALUES (3, '2030-01-01 00:00:00.000000');
            ALTER TABLE penstock_session ADD COLUMN later TEXT;
            ALTER TABLE penstock_checkpoint ADD COLUMN later TEXT;
            """)
        let store = try await SQLCheckpointer.sqlite(path: scratch.file)
        var writer = try await Writer.open("s", in: store)
        let saved = try await writer.save()
        #expect(try await store.latest(of: "s") == saved)
        #expect(try await store.ping().contains(StoreFact("schema_version", "3")))
        await store.close()
    }

    @Test func `the store says how durable it is`() async throws {
        let scratch = try ScratchFolder()
        let store = try await SQLCheckpointer.sqlite(path: scratch.file)
        let facts = try await store.ping()
        #expect(facts.first { $0.name == "synchronous" } == StoreFact("synchronous", "full"))
        #expect(facts.first { $0.name == "journal_mode" }?.value == "wal")
        await store.close()
        let risky = try await SQLCheckpointer.sqlite(
            path: scratch.file, options: SQLiteOptions(synchronous: .normal))
        #expect(try await risky.ping().first { $0.name == "synchronous" }?.complaint != nil)
        await risky.close()
    }
}
