import Foundation
import PenstockExecutors
import PenstockMySQL
import PenstockPostgres
import PenstockSQL
import PenstockSQLite
import PenstockTesting
import Testing

/// A product, as the conformance tests run on it; its name stands in the report of each of its test cases.
struct SQLDriver: Sendable, CustomTestStringConvertible {
    typealias Use = (any SQLDatabase) async throws -> Void

    /// What only a server has.
    struct Server: Sendable {
        /// Asks for the number of the connection.
        let connection: SQLCommand
        /// Takes half a minute.
        let sleep: SQLCommand
        /// Ends the connection of that number if it sleeps, and tells whether it did.
        let endSleeper: @Sendable (_ connection: Int64) async throws -> Bool
    }

    let name: String
    /// Gives back its one value, a text.
    private let echo: String
    private let insert: String
    let server: Server?
    /// Makes an empty database that nobody else uses, opens it, and takes it down after `use`.
    private let open: @Sendable (_ connections: Int, _ answerLimit: Duration, _ use: Use) async throws -> Void

    var testDescription: String { name }

    /// With a table `entry(id, value)`; closed behind `use`.
    func withDatabase(connections: Int = 1, answerLimit: Duration = .seconds(60), _ use: Use) async throws {
        try await open(connections, answerLimit) { database in
            do {
                try await database.write { connection throws(SQLError) in
                    try connection.script("CREATE TABLE entry(id VARCHAR(80) PRIMARY KEY, value BIGINT)")
                }
                try await use(database)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        }
    }

    func echo(_ text: String) -> SQLCommand { SQLCommand(echo, [.text(text)]) }
    func insert(_ id: String) -> SQLCommand { SQLCommand(insert, [.text(id), 0]) }
}

extension SQLDriver {
    /// Of the tests of MySQL's own server that server alone, see ``TestMySQL``.
    static let all = TestMySQL.isMySQL ? [mysql] : [sqlite, postgres, mysql]
    static let servers = all.filter { $0.server != nil }

    private static let sqlite = SQLDriver(
        name: "sqlite", echo: "SELECT ?", insert: "INSERT INTO entry VALUES (?, ?)", server: nil
    ) { _, _, use in
        let folder = FileManager.default.temporaryDirectory.path + "/penstock-sql-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await use(SQLiteDatabase.open(at: folder + "/store.db"))
    }

    private static let postgres = SQLDriver(
        name: "postgres", echo: "SELECT $1::text", insert: "INSERT INTO entry VALUES ($1, $2)",
        server: Server(
            connection: SQLCommand("SELECT pg_backend_pid()::bigint"),
            sleep: SQLCommand("SELECT pg_sleep(30)")
        ) { connection in
            try await TestPostgres.shared.run(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE pid = \(connection) AND wait_event = 'PgSleep'
                """) == ["t"]
        }
    ) { connections, answerLimit, use in
        let url = try await TestPostgres.shared.schema() + "&connections=\(connections)"
        // The machine may have much else to do.
        let options = PostgresOptions(
            connectLimit: .seconds(60), answerLimit: answerLimit, longestSilence: .seconds(60))
        try await use(PostgresDatabase.open(PostgresAddress(url), options: options, on: .tests))
    }

    private static let mysql = SQLDriver(
        name: TestMySQL.product, echo: "SELECT ?", insert: "INSERT INTO entry VALUES (?, ?)",
        server: Server(
            connection: SQLCommand("SELECT CONNECTION_ID()"), sleep: SQLCommand("DO SLEEP(30)")
        ) { connection in
            let server = try await TestMySQL.shared
            let sleeps =
                "SELECT id FROM information_schema.processlist WHERE id = \(connection) AND state = 'User sleep'"
            guard try await !server.run(sleeps).isEmpty else { return false }
            try await server.run("KILL \(connection)")
            return true
        }
    ) { connections, answerLimit, use in
        let database = try await TestMySQL.shared.makeDatabase()
        defer { withExtendedLifetime(database) {} }
        var address = database.address
        address.connections = connections
        let options = MySQLOptions(connectLimit: .seconds(60), answerLimit: answerLimit)
        try await use(MySQLDatabase.open(address, options: options, on: .tests))
    }
}

extension SocketLoop {
    /// Waits for the commits that are asked for on it.
    static let tests = SocketLoop()
}

extension SQLDatabase {
    /// The ids in the table, in order.
    var ids: [String] {
        get async throws {
            try await read { connection throws(SQLError) in
                try connection.query("SELECT id FROM entry ORDER BY id")
            }.map { try $0.text(at: 0) }
        }
    }

    /// As a task on a loop does.
    @discardableResult
    func commitOnLoop(_ commands: SQLCommand...) async throws(SQLError) -> [SQLAnswer] {
        try await commit(on: .tests) { SQLBatch(commands) }.answers
    }
}
