package import PenstockExecutors

/// A connection to a database server that a ``SQLPool`` keeps: used on one thread at a time, one transaction at a time.
///
/// Every call but one blocks, and none for longer than the client's time limits allow.
package protocol SQLPooledConnection: SQLConnection {
    /// Runs `body` in a transaction: committed when it returns, undone when it throws.
    func transaction<Value>(
        _ kind: SQLTransactionKind, _ body: (any SQLConnection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value

    /// See ``SQLDatabase/commit(_:)``; there is at least one command.
    func commit(_ batch: SQLBatch) throws(SQLError) -> [SQLAnswer]

    /// As ``commit(_:)``, but a loop waits for the answers, and no thread has to. The connection is not to be used until `answered` was
    /// called, on the loop's thread, or on the caller's before this returns.
    ///
    /// - Returns: False for a batch that only ``commit(_:)`` can commit: nothing was done.
    func commit(
        _ batch: SQLBatch, on loop: SocketLoop,
        _ answered: @escaping @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    ) -> Bool

    func describe() throws(SQLError) -> SQLDescription

    /// Whether it can no longer be used, because the server is gone or what it is in the middle of is unknown. Asked before
    /// and after each use, so it must cost little.
    var isBroken: Bool { get }

    /// Lets go of the server. Never called twice.
    func close()
}

/// What a transaction is for.
package enum SQLTransactionKind: Hashable, Sendable {
    /// It only reads, and sees one state of the database.
    case reading
    case writing
}
