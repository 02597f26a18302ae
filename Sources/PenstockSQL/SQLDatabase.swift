/// A database that can be read from and written to in transactions.
///
/// Bodies run on a connection's own thread and may block it, but not wait for anything else. They see their own writes.
///
///     let head = try await database.write { connection throws(SQLError) in
///         try connection.execute("UPDATE session SET head = head + 1 WHERE id = ?", [.text(id)])
///         return try connection.query("SELECT head FROM session WHERE id = ?", [.text(id)])[0].integer(at: 0)
///     }
package protocol SQLDatabase: Sendable {
    /// Runs `body` in a transaction that only reads and sees one state of the database. It waits for no writer.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value

    /// Runs `body` in a transaction that may write: what it did is durable when this returns, undone when `body` throws.
    ///
    /// - Throws: What `body` threw, or why the transaction was not begun or committed. After
    ///   ``SQLError/connectionLost(reason:)`` it may have taken effect all the same.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value

    /// Runs commands, in order, as one transaction that leaves with its commit in one write where the database allows that.
    ///
    /// The batch is asked for when a connection is free, on its thread: at the last moment, so that more can gather. No
    /// command may depend on another's answer. With no commands nothing is done.
    ///
    /// - Returns: An answer for each command.
    /// - Throws: As ``write(_:)``; when any command fails nothing of the transaction takes effect.
    func commit(_ batch: @escaping @Sendable () -> SQLBatch) async throws(SQLError) -> [SQLAnswer]

    /// How many transactions that write it may serve side by side, at least 1.
    var writers: Int { get }

    /// What the database is and how far its settings keep what it acknowledges.
    func describe() async throws(SQLError) -> SQLDescription

    /// Waits for what was asked for before and closes the connections. Later calls are refused.
    func close() async
}
