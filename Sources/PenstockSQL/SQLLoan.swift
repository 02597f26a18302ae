/// A connection that was lent, to be used on its thread for as long as whoever borrowed it has not returned.
package struct SQLLoan {
    /// What a batch has come to.
    package typealias Committed = @Sendable (Result<[SQLAnswer], SQLError>) -> Void

    private let committing: (SQLBatch, () -> Bool, @escaping Committed) throws(SQLError) -> Void
    private let writing: ((any SQLConnection) throws(SQLError) -> Void) throws(SQLError) -> Void

    /// - Parameters:
    ///   - commit: Commits a batch; as ``commit(_:whileOthersWait:_:)``.
    ///   - write: Runs a body in a transaction.
    package init(
        commit: @escaping (SQLBatch, () -> Bool, @escaping Committed) throws(SQLError) -> Void,
        write: @escaping ((any SQLConnection) throws(SQLError) -> Void) throws(SQLError) -> Void
    ) {
        committing = commit
        writing = write
    }

    /// One that answers everything with the same error.
    package init(refusing error: SQLError) {
        self.init { _, _, _ throws(SQLError) in
            throw error
        } write: { _ throws(SQLError) in
            throw error
        }
    }

    /// Runs commands, in order, as one transaction that leaves with its commit in one write where the database allows that. No
    /// command may depend on another's answer; there is at least one.
    ///
    /// - Parameters:
    ///   - batch: The commands.
    ///   - othersWait: Asked when only the disk is left to wait for: whether the connection is wanted for something else meanwhile.
    ///   - committed: Given an answer for each command, or an error as ``SQLDatabase/write(_:)`` throws it: once, before this returns
    ///     or, where waiting for the disk leaves time for the next transaction, later and on another thread.
    /// - Throws: As ``SQLDatabase/write(_:)``, and `committed` is not called; when any command fails nothing of the transaction
    ///   takes effect.
    package func commit(
        _ batch: SQLBatch, whileOthersWait othersWait: () -> Bool = { true }, _ committed: @escaping Committed
    ) throws(SQLError) {
        try committing(batch, othersWait, committed)
    }

    /// As ``SQLDatabase/write(_:)``.
    package func write<Value>(
        _ body: (any SQLConnection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        var value: Value?
        try withoutActuallyEscaping(body) { body throws(SQLError) in
            try writing { connection throws(SQLError) in value = try body(connection) }
        }
        guard let value else { throw .bug(reason: "A transaction was committed without its body.") }
        return value
    }
}
