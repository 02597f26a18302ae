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

    @Test(arguments: [1, 2, 64])
    func `commands are answered one by one, in order, on the loop`(_ count: Int) async throws {
        try await withDatabase(connections: 1) { database, _ in
            for round in 0..<3 {
                let (answers, isOnLoop) = try await database.commit(on: loop) {
                    SQLBatch(
                        (0..<count).map { number in
                            number % 3 == 0
                                ? SQLCommand("SELECT ?", [.integer(Int64(number))])
                                : .insert("\(round)-\(number)")
                        })
                }
                #expect(answers.map(\.rows.count) == (0..<count).map { $0 % 3 == 0 ? 1 : 0 })
                #expect(answers.map(\.changes) == (0..<count).map { $0 % 3 == 0 ? 0 : 1 })
                for number in stride(from: 0, to: count, by: 3) {
                    #expect(try answers[number].rows[0].integer(at: 0) == Int64(number))
                }
                #expect(isOnLoop)
            }
        }
    }

    @Test func `many side by side are each answered their own`() async throws {
        try await withDatabase(connections: 3) { database, _ in
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        let answers = try await database.commit(on: .tests) {
                            SQLBatch([SQLCommand("SELECT ?", [.integer(Int64(number))])])
                        }.answers
                        #expect(try answers[0].rows[0].integer(at: 0) == Int64(number))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: [true, false])
    func `a fault undoes all, and the connection goes on`(_ isInRows: Bool) async throws {
        try await withDatabase(connections: 1) { database, _ in
            let before = try await connection(of: database)
            let wrong =
                isInRows
                ? SQLCommand("UPDATE entry SET value = ?", rows: [.integer(1)], width: 1, mustChange: 7)
                : SQLCommand("SELECT nothing")
            let failing =
                isInRows
                ? [
                    SQLCommand("INSERT INTO entry VALUES (?, ?)", rows: [.text("a"), .integer(0)], width: 2),
                    wrong,
                ]
                : [.insert("a"), wrong]
            let error = await #expect(throws: SQLError.self) {
                try await database.commit(on: loop) { SQLBatch(failing + [.insert("b")]) }
            }
            if isInRows {
                #expect(error == .unmet(expected: 7, changed: TestMySQL.isMySQL ? nil : 1))
            } else {
                #expect(error?.description.contains("SELECT nothing") == true)
            }
            #expect(try await database.ids.isEmpty)
            _ = try await database.commit(on: loop) { SQLBatch([.insert("c"), .insert("d")]) }
            #expect(try await database.ids == ["c", "d"])
            #expect(try await connection(of: database) == before)
        }
    }

    @Test func `an answer that takes too long is given up, and nobody else on the loop waits for it`()
        async throws
    {
        let options = MySQLOptions(connectLimit: .seconds(60), answerLimit: .seconds(1))
        try await withDatabase(connections: 2, options: options) { database, _ in
            async let slow = #expect(throws: SQLError.self) {
                try await database.commit(on: .tests) {
                    SQLBatch([.insert("a"), SQLCommand("DO SLEEP(30)")])
                }
            }
            for number in 0..<100 {
                _ = try await database.commit(on: loop) { SQLBatch([.insert("quick \(number)")]) }
            }
            guard case .connectionLost(let reason) = await slow else {
                Issue.record("it was not lost")
                return
            }
            #expect(reason.hasSuffix("took too long to answer."))
            #expect(try await database.ids.count { $0.hasPrefix("quick") } == 100)
        }
    }

    @Test func `a connection that is ended meanwhile is told as lost, and made anew`() async throws {
        try await withDatabase(connections: 1) { database, scratch in
            let id = try await connection(of: database)
            async let failure = #expect(throws: SQLError.self) {
                try await database.commit(on: .tests) {
                    SQLBatch([.insert("a"), SQLCommand("DO SLEEP(30)"), .insert("b")])
                }
            }
            let sleeping =
                "SELECT COUNT(*) FROM information_schema.processlist WHERE id = \(id) AND info LIKE '%SLEEP%'"
            while try await scratch.run(sleeping) == ["0"] { try Task.checkCancellation() }
            try await scratch.run("KILL \(id)")
            guard case .connectionLost = await failure else {
                Issue.record("it was not lost")
                return
            }
            _ = try await database.commit(on: loop) { SQLBatch([.insert("c"), .insert("d")]) }
            #expect(try await database.ids == ["c", "d"])
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
