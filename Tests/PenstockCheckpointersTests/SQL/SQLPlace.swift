import PenstockModel
import PenstockMySQL
import PenstockPostgres
import PenstockSQL
import PenstockSQLite
import PenstockTesting
import Testing

@testable import PenstockCheckpointers

/// An empty database that one test has to itself, and in which several stores can be opened side by side.
struct SQLPlace: Sendable {
    enum Kind: CaseIterable, CustomTestStringConvertible {
        case sqlite, postgres
        /// Or MySQL's own server, see ``TestMySQL``.
        case mariadb

        /// Of the tests of MySQL's own server that server alone.
        static let allCases = TestMySQL.isMySQL ? [mariadb] : [sqlite, postgres, mariadb]

        var testDescription: String {
            switch self {
            case .sqlite: "sqlite"
            case .postgres: "postgres"
            case .mariadb: TestMySQL.product
            }
        }
    }

    let dialect: any SQLDialect
    private let open: @Sendable () async throws(SQLError) -> any SQLDatabase
    /// Lives as long as the place.
    private let held: any Sendable

    static func make(_ kind: Kind) async throws -> SQLPlace {
        switch kind {
        case .sqlite: try sqlite(in: ScratchFolder())
        case .postgres: try await postgres(on: .shared)
        case .mariadb: try await mariadb(on: .shared)
        }
    }

    static func sqlite(in scratch: ScratchFolder) -> SQLPlace {
        SQLPlace(
            dialect: SQLiteDialect(),
            open: { () async throws(SQLError) in try await SQLiteDatabase.open(at: scratch.file) },
            held: scratch)
    }

    static func postgres(on server: TestPostgres) async throws -> SQLPlace {
        let address = try PostgresAddress(await server.schema())
        return SQLPlace(
            dialect: PostgresDialect(),
            open: { () async throws(SQLError) in
                try await PostgresDatabase.open(
                    address, options: PostgresOptions(settings: PostgresDialect.settings))
            }, held: server)
    }

    static func mariadb(on server: TestMySQL) async throws -> SQLPlace {
        let database = try await server.makeDatabase()
        let address = database.address
        return SQLPlace(
            dialect: MySQLDialect(isMariaDB: !TestMySQL.isMySQL),
            open: { () async throws(SQLError) in try await MySQLDatabase.open(address) }, held: database)
    }

    func database() async throws(SQLError) -> any SQLDatabase { try await open() }

    func store(_ prefix: String = "penstock_") async throws -> SQLCheckpointer {
        try await SQLCheckpointer.opened(
            on: try await open(), dialect: dialect, prefix: try TablePrefix(prefix), clock: .system)
    }

    /// Plain SQL, as another program would run it.
    func script(_ sql: String) async throws {
        try await withDatabase { database in
            try await database.write { connection throws(SQLError) in try connection.script(sql) }
        }
    }

    /// The answer as texts; NULL is `NULL`.
    func query(_ sql: String) async throws -> [[String]] {
        let rows = try await withDatabase { database in
            try await database.read { connection throws(SQLError) in try connection.query(sql) }
        }
        return rows.map { row in row.values.map(\.asText) }
    }

    private func withDatabase<Answer>(_ use: (any SQLDatabase) async throws -> Answer) async throws -> Answer
    {
        let database = try await open()
        do {
            let answer = try await use(database)
            await database.close()
            return answer
        } catch {
            await database.close()
            throw error
        }
    }
}

extension SQLValue {
    var asText: String {
        switch self {
        case .null: "NULL"
        case .integer(let integer): String(integer)
        case .real(let real): String(real)
        case .text(let text): text
        case .utf8(let bytes), .blob(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}
