import PenstockSQL
import PenstockTesting
import Testing

/// Commits that are asked for by a task on the loop that waits for them.
@Suite(.timeLimit(.minutes(2)))
struct SQLLoopTests {
    @Test(arguments: SQLDriver.all, [1, 2, 64])
    func `commands are answered one by one, in order, on a server's loop`(_ driver: SQLDriver, _ count: Int)
        async throws
    {
        try await driver.withDatabase { database in
            for round in 0..<3 {
                let (answers, isOnLoop) = try await database.commit(on: .tests) {
                    SQLBatch(
                        (0..<count).map { number in
                            switch number % 3 {
                            case 0: driver.echo("\(number)")
                            case 1: driver.insert("\(round)-\(number)")
                            default: SQLCommand("SELECT 'x' UNION ALL SELECT 'y'")
                            }
                        })
                }
                let texts = try answers.map { try $0.rows.map { try $0.text(at: 0) } }
                #expect(texts == (0..<count).map { [["\($0)"], [], ["x", "y"]][$0 % 3] })
                #expect(answers.filter(\.rows.isEmpty).allSatisfy { $0.changes == 1 })
                #expect(isOnLoop == (driver.server != nil))
            }
        }
    }

    @Test(arguments: SQLDriver.all)
    func `many side by side are each answered their own`(_ driver: SQLDriver) async throws {
        try await driver.withDatabase(connections: 3) { database in
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        let answers = try await database.commitOnLoop(driver.echo("\(number)"))
                        #expect(try answers.first?.rows.first?.text(at: 0) == "\(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: SQLDriver.all, [true, false])
    func `a fault undoes all, and the connection goes on`(_ driver: SQLDriver, _ isRefusedAtOnce: Bool)
        async throws
    {
        try await driver.withDatabase { database in
            let before = try await connection(of: database, driver)
            let wrong = isRefusedAtOnce ? SQLCommand("SELECT nothing") : driver.insert("a")
            await #expect(throws: SQLError.self) {
                try await database.commitOnLoop(driver.insert("a"), wrong, driver.insert("b"))
            }
            #expect(try await database.ids == [])
            try await database.commitOnLoop(driver.insert("c"), driver.insert("d"))
            #expect(try await database.ids == ["c", "d"])
            #expect(try await connection(of: database, driver) == before)
        }
    }

    @Test(arguments: SQLDriver.servers)
    func `an answer that takes too long is given up, and nobody else on the loop waits for it`(
        _ driver: SQLDriver
    )
        async throws
    {
        let server = try #require(driver.server)
        try await driver.withDatabase(connections: 2, answerLimit: .seconds(1)) { database in
            // One connection for each.
            async let first = connection(of: database, driver)
            async let second = connection(of: database, driver)
            _ = try await (first, second)
            async let slow = #expect(throws: SQLError.self) {
                try await database.commitOnLoop(driver.insert("a"), server.sleep)
            }
            for number in 0..<100 { try await database.commitOnLoop(driver.insert("quick \(number)")) }
            guard case .connectionLost = await slow else {
                Issue.record("it was not lost")
                return
            }
            #expect(try await database.ids.count { $0.hasPrefix("quick") } == 100)
        }
    }

    @Test(arguments: SQLDriver.servers)
    func `a connection that is ended meanwhile is told as lost, and made anew`(_ driver: SQLDriver)
        async throws
    {
        let server = try #require(driver.server)
        try await driver.withDatabase { database in
            let number = try #require(try await connection(of: database, driver))
            async let failure = #expect(throws: SQLError.self) {
                try await database.commitOnLoop(driver.insert("a"), server.sleep, driver.insert("b"))
            }
            while try await !server.endSleeper(number) { try Task.checkCancellation() }
            guard case .connectionLost = await failure else {
                Issue.record("it was not lost")
                return
            }
            try await database.commitOnLoop(driver.insert("c"), driver.insert("d"))
            #expect(try await database.ids == ["c", "d"])
        }
    }

    private func connection(of database: any SQLDatabase, _ driver: SQLDriver) async throws -> Int64? {
        guard let server = driver.server else { return nil }
        return try await database.commitOnLoop(server.connection)[0].rows[0].integer(at: 0)
    }
}
