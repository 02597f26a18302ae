package import PenstockExecutors
package import PenstockSQL

/// A database on a MySQL or MariaDB server.
package enum MySQLDatabase {
    /// While one transaction waits for the disk another is made. More of them would only be smaller, and cost more.
    private static let mostWriters = 2

    /// Connects once, so that wrong settings are told at once. What is given must be closed.
    ///
    /// `loop` waits for commits; without one the connections' threads do.
    ///
    /// - Throws: ``SQLError/refused(reason:)`` for what keeps the database from being used, and
    ///   ``SQLError/connectionLost(reason:)`` when there is no server.
    package static func open(
        _ address: MySQLAddress, options: MySQLOptions = MySQLOptions(), on loop: SocketLoop? = nil
    ) async throws(SQLError) -> SQLPool<MySQLConnection> {
        guard address.database != nil else {
            throw .refused(
                reason: "The address \(address) names no database, as in mysql://host/database.")
        }
        let pool = SQLPool(
            name: "mysql", size: address.connections, writers: mostWriters, on: loop
        ) { () throws(SQLError) in
            try MySQLConnection(to: address, options: options)
        }
        do throws(SQLError) {
            try await pool.read { _ in }
        } catch {
            await pool.close()
            throw error
        }
        return pool
    }
}
