package import PenstockExecutors
package import PenstockSQL

/// A database on a PostgreSQL server, reached over some connections.
package enum PostgresDatabase {
    /// While one transaction waits for the disk another is made. More of them would only be smaller, and cost more.
    private static let mostWriters = 2

    /// Makes the pool of connections, and one of them at once, so that wrong settings are told now.
    ///
    /// `loop` waits for commits; without one the connections' threads do.
    ///
    /// - Throws: ``SQLError/refused(reason:)`` for what somebody has to change, ``SQLError/connectionLost(reason:)`` when no
    ///   server was reached in time.
    package static func open(
        _ address: PostgresAddress, options: PostgresOptions = PostgresOptions(), on loop: SocketLoop? = nil
    ) async throws(SQLError) -> SQLPool<PostgresConnection> {
        let pool = SQLPool(
            name: "postgres", size: address.connections, writers: mostWriters, on: loop
        ) { () throws(SQLError) in
            try PostgresConnection(to: address, options: options)
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
