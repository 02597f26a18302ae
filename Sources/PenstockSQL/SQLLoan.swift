/// A connection that was lent, to whoever borrowed it alone, until it is given back.
///
/// It is used where the borrower was called: on the connection's own thread, which its calls block; or on a loop, which must not be
/// blocked, and so never by ``write(_:)``.
package struct SQLLoan: Sendable {
    /// What a batch has come to.
    package typealias Committed = @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    /// What comes after a batch, and why that failed if it did.
    package typealias Next = @Sendable (SQLError?) -> Void

    private let committing:
        @Sendable (SQLBatch, @Sendable () -> Bool, @escaping Committed, @escaping Next) -> Void
    private let writing: @Sendable ((any SQLConnection) throws(SQLError) -> Void) throws(SQLError) -> Void
    private let ending: @Sendable () -> Void

    /// - Parameters:
    ///   - commit: Commits a batch; as ``commit(_:whileOthersWait:_:next:)``.
    ///   - write: Runs a body in a transaction.
    ///   - giveBack: Takes the connection back.
    package init(
        commit:
            @escaping @Sendable (SQLBatch, @Sendable () -> Bool, @escaping Committed, @escaping Next) -> Void,
        write: @escaping @Sendable ((any SQLConnection) throws(SQLError) -> Void) throws(SQLError) -> Void,
        giveBack: @escaping @Sendable () -> Void = {}
    ) {
        committing = commit
        writing = write
        ending = giveBack
    }

    /// One that answers everything with the same error.
    package init(refusing error: SQLError) {
        self.init { _, _, _, next in
            next(error)
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
    ///   - committed: Given an answer for each command, or why it is not known whether they are on the disk: before `next` is called
    ///     or, where waiting for the disk leaves time for the next transaction, later and on another thread. Not called when the
    ///     transaction failed: then nothing of it takes effect, but see ``SQLError/connectionLost(reason:)``.
    ///   - next: Called once, when the connection can do something else; before this returns where that blocks. It is given why
    ///     the transaction failed, if it did.
    package func commit(
        _ batch: SQLBatch, whileOthersWait othersWait: @Sendable () -> Bool = { true },
        _ committed: @escaping Committed, next: @escaping Next
    ) {
        committing(batch, othersWait, committed, next)
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

    /// Says that the connection is used no more.
    package func giveBack() { ending() }
}
