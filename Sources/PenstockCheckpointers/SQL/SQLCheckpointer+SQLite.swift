package import PenstockModel
import PenstockSQL
package import PenstockSQLite

extension SQLCheckpointer {
    /// Opens a store in a SQLite file, which serves the processes of one host. File and tables are made, and brought up to date, where
    /// they are missing; any number of processes may do so at once.
    ///
    /// - Parameters:
    ///   - path: The file; its folder must exist.
    ///   - tablePrefix: What the tables' names begin with; `llmfy_` shares llmfy's table.
    ///   - options: When to wait for the disk, and how long for others.
    /// - Returns: The store, to be closed with ``close()``.
    /// - Throws: ``CheckpointerError/refused(reason:)`` with what has to be changed for it to work.
    package static func sqlite(
        path: String, tablePrefix: String = "penstock_", options: SQLiteOptions = SQLiteOptions()
    ) async throws(CheckpointerError) -> SQLCheckpointer {
        try await sqlite(path: path, tablePrefix: tablePrefix, options: options, clock: .system)
    }

    static func sqlite(
        path: String, tablePrefix: String, options: SQLiteOptions, clock: WallClock
    ) async throws(CheckpointerError) -> SQLCheckpointer {
        let prefix = try TablePrefix(tablePrefix)
        let database: SQLiteDatabase
        do throws(SQLError) {
            database = try await SQLiteDatabase.open(at: path, options: options)
        } catch {
            throw CheckpointerError(error, about: "the SQLite store '\(path)'")
        }
        return try await opened(on: database, dialect: SQLiteDialect(), prefix: prefix, clock: clock)
    }
}
