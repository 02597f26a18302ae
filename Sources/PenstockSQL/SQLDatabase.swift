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

    /// Lends a connection that writes to `work`, on the connection's own thread or on a loop, as soon as one is free; returns at once.
    ///
    /// Whoever has it keeps it from everybody else until it is given back, which has to come.
    func lend(to work: @escaping @Sendable (SQLLoan) -> Void)

    /// Runs `body` in a transaction that may write: what it did is durable when this returns, undone when `body` throws.
    ///
    /// - Throws: What `body` threw, or why the transaction was not begun or committed. After
    ///   ``SQLError/connectionLost(reason:)`` it may have taken effect all the same.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value

    /// Commits a batch, see ``SQLLoan/commit(_:whileOthersWait:_:next:)``. It is asked for when a connection is free, on its thread: at the last moment,
    /// so that more can gather. With no commands nothing is done.
    func commit(_ batch: @escaping @Sendable () -> SQLBatch) async throws(SQLError) -> [SQLAnswer]

    /// How many transactions that write it may serve side by side, at least 1.
    var writers: Int { get }

    /// Where a task that mostly waits for answers goes on without another thread being woken for it.
    ///
    /// - Parameter isAlone: Whether nobody else asks for anything meanwhile.
    /// - Returns: `nil` where there is no such place, or where it would be in the way.
    func executor(isAlone: Bool) -> (any TaskExecutor)?

    /// What the database is and how far its settings keep what it acknowledges.
    func describe() async throws(SQLError) -> SQLDescription

    /// Waits for what was asked for before and closes the connections. Later calls are refused.
    func close() async
}

/// By a loan that blocks.
extension SQLDatabase {
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        let result: Result<Value, SQLError> = await withCheckedContinuation { continuation in
            lend { loan in
                continuation.resume(returning: Result { () throws(SQLError) in try loan.write(body) })
                loan.giveBack()
            }
        }
        return try result.get()
    }

    package func commit(_ batch: @escaping @Sendable () -> SQLBatch) async throws(SQLError) -> [SQLAnswer] {
        let result: Result<[SQLAnswer], SQLError> = await withCheckedContinuation { continuation in
            lend { loan in
                let batch = batch()
                guard !batch.commands.isEmpty else {
                    continuation.resume(returning: .success([]))
                    return loan.giveBack()
                }
                loan.commit(batch) {
                    continuation.resume(returning: $0)
                } next: { error in
                    if let error { continuation.resume(returning: .failure(error)) }
                    loan.giveBack()
                }
            }
        }
        return try result.get()
    }
}
