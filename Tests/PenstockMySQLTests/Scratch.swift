import PenstockExecutors
import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

extension MySQLOptions {
    /// For tests that are not about limits: the machine may have much else to do.
    static let patient = MySQLOptions(connectLimit: .seconds(60), answerLimit: .seconds(60))
}

extension SocketLoop {
    /// Waits for the commits that are asked for on it.
    static let tests = SocketLoop()
}

/// A pool on a database of its own, on the server that the tests share, with a table `entry(id, value)`.
@discardableResult
func withDatabase<Value>(
    connections: Int = 4, options: MySQLOptions = .patient,
    _ body: (SQLPool<MySQLConnection>, TestMySQLDatabase) async throws -> Value
) async throws -> Value {
    try await withDatabase(on: .shared, connections: connections, options: options, body)
}

@discardableResult
func withDatabase<Value>(
    on server: TestMySQL, connections: Int = 4, options: MySQLOptions = .patient,
    _ body: (SQLPool<MySQLConnection>, TestMySQLDatabase) async throws -> Value
) async throws -> Value {
    let scratch = try await server.makeDatabase()
    try await scratch.run("CREATE TABLE entry(id VARCHAR(80) COLLATE utf8mb4_bin PRIMARY KEY, value BIGINT)")
    var address = scratch.address
    address.connections = connections
    let database = try await MySQLDatabase.open(address, options: options, on: .tests)
    do {
        let value = try await body(database, scratch)
        await database.close()
        return value
    } catch {
        await database.close()
        throw error
    }
}

extension SQLCommand {
    static func insert(_ id: String, _ value: Int64 = 0) -> SQLCommand {
        SQLCommand("INSERT INTO entry VALUES (?, ?)", [.text(id), .integer(value)])
    }
}

extension SQLPool where Connection == MySQLConnection {
    /// The ids in the table, in order.
    var ids: [String] {
        get async throws {
            try await read { connection throws(SQLError) in
                try connection.query("SELECT id FROM entry ORDER BY id")
            }.map { try $0.text(at: 0) }
        }
    }
}

/// Why the address cannot be opened; nil, and a fault of the test, if it can.
func failure(ofOpening address: MySQLAddress, options: MySQLOptions = MySQLOptions()) async -> SQLError? {
    do throws(SQLError) {
        try await MySQLDatabase.open(address, options: options).close()
        Issue.record("\(address) was opened")
        return nil
    } catch {
        return error
    }
}
