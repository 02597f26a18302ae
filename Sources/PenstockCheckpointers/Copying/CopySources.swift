package import PenstockModel
package import PenstockMySQL
package import PenstockPostgres
package import PenstockRedis
import PenstockSQL
import PenstockSQLite

/// Opens the stores out of which sessions are copied. Nothing is made there: a store that is not there is an error. One of ours is
/// brought up to date, as whenever it is opened; what is llmfy's alone is not.
package enum CopySources {
    package static func redis(_ client: RedisClient, prefix: String) -> any CopySource {
        RedisCopySource(client, prefix: prefix)
    }

    /// The file must exist.
    package static func sqlite(
        path: String, tablePrefix: String
    ) async throws(CheckpointerError) -> any CopySource {
        try await open(SQLiteDialect(), tablePrefix, at: "the SQLite store '\(path)'") {
            () async throws(SQLError) in try await SQLiteDatabase.open(at: path, options: SQLiteOptions())
        }
    }

    package static func postgres(
        _ address: PostgresAddress, tablePrefix: String
    ) async throws(CheckpointerError) -> any CopySource {
        try await open(PostgresDialect(), tablePrefix, at: "the store at \(address)") {
            () async throws(SQLError) in try await PostgresDatabase.open(address)
        }
    }

    package static func mysql(
        _ address: MySQLAddress, tablePrefix: String
    ) async throws(CheckpointerError) -> any CopySource {
        try await open(MySQLDialect(isMariaDB: false), tablePrefix, at: "the store at \(address)") {
            () async throws(SQLError) in try await MySQLDatabase.open(address)
        }
    }

    private static func open(
        _ dialect: any SQLDialect, _ tablePrefix: String, at place: String,
        _ connect: () async throws(SQLError) -> any SQLDatabase
    ) async throws(CheckpointerError) -> any CopySource {
        let prefix = try TablePrefix(tablePrefix)
        let database: any SQLDatabase
        do throws(SQLError) {
            database = try await connect()
        } catch {
            throw CheckpointerError(error, about: place)
        }
        return try await source(on: database, dialect: dialect, prefix: prefix)
    }

    /// What the table of checkpoints shows to be there. Lets go of the database if that fails.
    static func source(
        on database: any SQLDatabase, dialect: any SQLDialect, prefix: TablePrefix
    ) async throws(CheckpointerError) -> any CopySource {
        let table = "\(prefix)checkpoint"
        let columns: Set<String>
        do throws(SQLError) {
            columns = try await database.read { connection throws(SQLError) in
                try dialect.columns(of: table, on: connection)
            }
        } catch {
            await database.close()
            throw CheckpointerError(error, about: "the table '\(table)'")
        }
        // A table of ours, or one of llmfy's that we have written to.
        if columns.contains("run_step") {
            return try await SQLCheckpointer.opened(
                on: database, dialect: dialect, prefix: prefix, clock: .system)
        }
        guard let format = LlmfyTableSource.Format(columns: columns) else {
            await database.close()
            throw .refused(
                reason: columns.isEmpty
                    ? "there is no table '\(table)'; is the table prefix right?"
                    : "the table '\(table)' has not the columns of a table of checkpoints")
        }
        return LlmfyTableSource(on: database, dialect: dialect, table: table, format: format)
    }
}
