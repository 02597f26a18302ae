/// A connection that was lent, to be used on its thread for as long as whoever borrowed it has not returned.
package struct SQLLoan {
    private let committing: (SQLBatch) throws(SQLError) -> [SQLAnswer]
    private let writing: ((any SQLConnection) throws(SQLError) -> Void) throws(SQLError) -> Void

    /// - Parameters:
    ///   - commit: Commits a batch.
    ///   - write: Runs a body in a transaction.
    package init(
        commit: @escaping (SQLBatch) throws(SQLError) -> [SQLAnswer],
        write: @escaping ((any SQLConnection) throws(SQLError) -> Void) throws(SQLError) -> Void
    ) {
        committing = commit
        writing = write
    }

    /// One that answers everything with the same error.
    package init(refusing error: SQLError) {
        self.init { _ throws(SQLError) in
            throw error
        } write: { _ throws(SQLError) in
            throw error
        }
    }

    /// Runs commands, in order, as one transaction that leaves with its commit in one write where the database allows that. No
    /// command may depend on another's answer; there is at least one.
    ///
    /// - Returns: An answer for each command.
    /// - Throws: As ``SQLDatabase/write(_:)``; when any command fails nothing of the transaction takes effect.
    package func commit(_ batch: SQLBatch) throws(SQLError) -> [SQLAnswer] {
        try committing(batch)
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
