import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

/// What MySQL does not have.
@Suite(.timeLimit(.minutes(2)))
struct MariaDBTests {
    @Test
    func `the server ends a transaction whose client is silent between two statements`() async throws {
        try await withDatabase(connections: 1) { database, scratch in
            // As a group of rows begins: nothing but the session's own setting limits how long it may stay so.
            let silent = MySQLConnectionBox(scratch.address)
            let id = try silent.query("SELECT CONNECTION_ID()")[0].integer(at: 0)
            try silent.run("START TRANSACTION")
            try silent.run("INSERT INTO entry VALUES ('held', 1)")
            let isThere = "SELECT id FROM information_schema.processlist WHERE id = \(id)"
            while try await !scratch.run(isThere).isEmpty { await Task.yield() }
            _ = try await database.commit { SQLBatch([.insert("held")]) }
            #expect(try await database.ids == ["held"])
            #expect(throws: SQLError.self) { try silent.run("COMMIT") }
        }
    }
}
