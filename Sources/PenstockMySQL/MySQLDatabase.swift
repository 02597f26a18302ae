package import PenstockExecutors
package import PenstockSQL

/// A database on a MySQL or MariaDB server.
package enum MySQLDatabase {
    /// While one transaction waits for the disk another is made. More of them would only be smaller, and cost more.
    private static let mostWriters = 2

    /// Connects once, so that wrong settings are told at once. What is given must be closed.
    ///
    /// `loop` waits for commits; without one, and where TLS stands between, the connections' threads do.
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
        guard let loop, address.mayUseTLS else { return try await connected(address, options, on: loop) }
        // Only the server says whether there will be TLS.
        let pool = try await connected(address, options, on: nil)
        let mayUseLoop = try await closingOnError(pool) { connection throws(SQLError) in
            (connection as? MySQLConnection)?.handle.mayWaitElsewhere == true
        }
        guard mayUseLoop else { return pool }
        await pool.close()
        return try await connected(address, options, on: loop)
    }

    private static func connected(
        _ address: MySQLAddress, _ options: MySQLOptions, on loop: SocketLoop?
    ) async throws(SQLError) -> SQLPool<MySQLConnection> {
        let pool = SQLPool(
            name: "mysql", size: address.connections, writers: mostWriters, on: loop
        ) { () throws(SQLError) in
            try MySQLConnection(to: address, options: options)
        }
        try await closingOnError(pool) { _ in }
        return pool
    }

    private static func closingOnError<Value: Sendable>(
        _ pool: SQLPool<MySQLConnection>,
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        do throws(SQLError) {
            return try await pool.read(body)
        } catch {
            await pool.close()
            throw error
        }
    }
}
