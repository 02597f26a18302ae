import PenstockExecutors
import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Testing

/// A schema that no other test has, with a table `row(key text PRIMARY KEY, value)`.
struct Scratch {
    let server: TestPostgres
    /// An address in which the schema is the one that is looked into.
    let url: String
    let address: PostgresAddress

    static let table = "CREATE TABLE row (key text PRIMARY KEY, value text)"

    init(on server: TestPostgres, table: String = Scratch.table) async throws {
        self.server = server
        url = try await server.schema()
        address = try PostgresAddress(url)
        let pool = try await open()
        try await pool.write { connection throws(SQLError) in try connection.script(table) }
        await pool.close()
    }

    /// On the server that all tests share.
    init(table: String = Scratch.table) async throws {
        try await self.init(on: .shared, table: table)
    }

    /// `more` are further parameters of the address.
    func open(
        _ more: String = "", options: PostgresOptions = .calm, on loop: SocketLoop? = nil
    ) async throws -> SQLPool<PostgresConnection> {
        try await PostgresDatabase.open(PostgresAddress(url + more), options: options, on: loop)
    }

    @discardableResult
    func withPool<Value>(
        _ more: String = "", options: PostgresOptions = .calm,
        _ body: (SQLPool<PostgresConnection>) async throws -> Value
    ) async throws -> Value {
        let pool = try await open(more, options: options)
        do {
            let value = try await body(pool)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }
}

extension PostgresOptions {
    /// For bodies that wait for other things than the database, which those outside of tests never do.
    static let calm = PostgresOptions(longestSilence: .seconds(60))
}

extension SQLPool {
    func commit(
        isDurable: Bool, _ commands: @escaping @Sendable () -> [SQLCommand]
    ) async throws(SQLError) -> [SQLAnswer] {
        try await commit { SQLBatch(commands(), isDurable: isDurable) }
    }

    func keys() async throws(SQLError) -> [String] {
        try await read { connection throws(SQLError) in
            var keys: [String] = []
            for row in try connection.query("SELECT key FROM row ORDER BY key") {
                keys.append(try row.text(at: 0))
            }
            return keys
        }
    }
}

/// Inserts a row into the scratch table.
func insert(_ key: String, _ value: SQLValue = nil) -> SQLCommand {
    SQLCommand("INSERT INTO row VALUES ($1, $2)", [.text(key), value])
}

/// What `body` throws; nil, and a fault of the test, if it does not.
func failure<Value>(of body: () async throws(SQLError) -> Value) async -> SQLError? {
    do throws(SQLError) {
        _ = try await body()
        Issue.record("nothing was thrown")
        return nil
    } catch {
        return error
    }
}

func isLost(_ error: SQLError?) -> Bool {
    if case .connectionLost = error { true } else { false }
}
