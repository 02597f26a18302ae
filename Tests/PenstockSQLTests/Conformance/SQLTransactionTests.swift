import PenstockSQL
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SQLTransactionTests {
    @Test(arguments: SQLDriver.all)
    func `a body that throws leaves nothing behind`(_ driver: SQLDriver) async throws {
        try await driver.withDatabase { database in
            await #expect(throws: SQLError.refused(reason: "No.")) {
                try await database.write { connection throws(SQLError) in
                    for id in ["a", "b"] { _ = try connection.run(driver.insert(id)) }
                    throw .refused(reason: "No.")
                }
            }
            #expect(try await database.ids == [])
            try await database.write { connection throws(SQLError) in
                _ = try connection.run(driver.insert("c"))
            }
            #expect(try await database.ids == ["c"])
        }
    }

    @Test(arguments: SQLDriver.all, ["COMMIT", "ROLLBACK"])
    func `a body that ends its transaction itself is told so`(_ driver: SQLDriver, _ end: String) async throws
    {
        try await driver.withDatabase { database in
            for isFirst in [true, false] {
                await #expect(throws: SQLError.bug(reason: "The body of a transaction has ended it itself."))
                {
                    try await database.write { connection throws(SQLError) in
                        if !isFirst { _ = try connection.run(driver.insert("a")) }
                        try connection.execute(end)
                    }
                }
            }
            _ = try await database.commit { SQLBatch([driver.insert("b")]) }
            #expect(try await database.ids.last == "b")
        }
    }

    @Test(arguments: SQLDriver.all)
    func `nothing is done about no commands`(_ driver: SQLDriver) async throws {
        try await driver.withDatabase { database in
            let answers = try await database.commit { SQLBatch([]) }
            #expect(answers.isEmpty)
        }
    }
}
