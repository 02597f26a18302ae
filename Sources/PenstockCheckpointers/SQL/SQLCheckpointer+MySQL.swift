package import PenstockExecutors
package import PenstockModel
package import PenstockMySQL
import PenstockSQL

extension SQLCheckpointer {
    /// Opens a store in a MySQL or MariaDB database. Tables are made, and brought up to date,
    /// where they are missing; any number of processes may do so at once.
    ///
    /// - Parameters:
    ///   - address: The server and its database, which must exist.
    ///   - tablePrefix: What the tables' names begin with; `llmfy_` shares llmfy's table.
    ///   - loop: What waits for the answers to writes.
    /// - Returns: The store, to be closed with ``close()``.
    /// - Throws: ``CheckpointerError/refused(reason:)`` with what has to be changed for it to work.
    package static func mysql(
        _ address: MySQLAddress, tablePrefix: String = "penstock_", on loop: SocketLoop = SocketLoop()
    ) async throws(CheckpointerError) -> SQLCheckpointer {
        let prefix = try TablePrefix(tablePrefix)
        let database: any SQLDatabase
        let dialect: MySQLDialect
        do throws(SQLError) {
            database = try await MySQLDatabase.open(address, on: loop)
        } catch {
            throw CheckpointerError(error, about: "the store at \(address)")
        }
        do throws(SQLError) {
            dialect = try MySQLDialect(for: try await database.describe())
        } catch {
            await database.close()
            throw CheckpointerError(error, about: "the store at \(address)")
        }
        return try await opened(on: database, dialect: dialect, prefix: prefix, clock: .system)
    }
}
