import PenstockExecutors
import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

/// Commits that are asked for by a task on the loop that waits for them. What they answer to any value, and what they fail with, the
/// tests of each ``Way`` show.
@Suite(.timeLimit(.minutes(2)))
struct MySQLLoopTests {
    private let loop = SocketLoop.tests

    @Test func `a statement for rows that changes too few undoes all, and the connection goes on`()
        async throws
    {
        try await withDatabase(connections: 1) { database, _ in
            let before = try await connection(of: database)
            await #expect(throws: SQLError.unmet(expected: 7, changed: TestMySQL.isMySQL ? nil : 1)) {
                try await database.commit(on: loop) {
                    SQLBatch([
                        SQLCommand(
                            "INSERT INTO entry VALUES (?, ?)", rows: [.text("a"), .integer(0)], width: 2),
                        SQLCommand(
                            "UPDATE entry SET value = ?", rows: [.integer(1)], width: 1, mustChange: 7),
                        .insert("b"),
                    ])
                }
            }
            #expect(try await database.ids.isEmpty)
            _ = try await database.commit(on: loop) { SQLBatch([.insert("c"), .insert("d")]) }
            #expect(try await database.ids == ["c", "d"])
            #expect(try await connection(of: database) == before)
        }
    }

    @Test func `what does not fit into one write is committed by the connection's thread`() async throws {
        try await withDatabase(connections: 1) { database, _ in
            let large = SQLCommand("SELECT LENGTH(?)", [.text(String(repeating: "x", count: 5_000_000))])
            let (answers, isOnLoop) = try await database.commit(on: loop) {
                SQLBatch([.insert("a"), large, large, .insert("b")])
            }
            #expect(try answers[2].rows[0].integer(at: 0) == 5_000_000)
            #expect(!isOnLoop)
            #expect(try await database.ids == ["a", "b"])
        }
    }

    private func connection(of database: SQLPool<MySQLConnection>) async throws -> Int64 {
        try await database.commit(on: loop) { SQLBatch([SQLCommand("SELECT CONNECTION_ID()")]) }.answers[0]
            .rows[0].integer(at: 0)
    }
}
