import PenstockExecutors

/// The place of one pooled connection, with a thread on which the connection is made and used, but for commits that a loop waits for.
///
/// `@unchecked`: the connection belongs to whoever the pool gave the seat, one at a time.
final class SQLSeat<Connection: SQLPooledConnection & SendableMetatype>: @unchecked Sendable {
    private let executor: ThreadExecutor
    private let connect: @Sendable () throws(SQLError) -> Connection
    private var connection: Connection?

    init(name: String, connect: @escaping @Sendable () throws(SQLError) -> Connection) {
        executor = ThreadExecutor(name: name)
        self.connect = connect
    }

    deinit { executor.endWhenDone() }

    /// Runs `body` on the thread with the connection, made if there is none. What changes nothing may be repeated: it is run a second
    /// time, on a new connection, when the one that stood idle turns out to be gone.
    func use<Value: Sendable>(
        mayRepeat: Bool, _ body: @escaping @Sendable (Connection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        try await executor.run { [self] () throws(SQLError) in try useHere(mayRepeat: mayRepeat, body) }
    }

    private func useHere<Value>(
        mayRepeat: Bool = false, _ body: (Connection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        if let idle = sound {
            do throws(SQLError) {
                return try use(idle, body)
            } catch {
                guard mayRepeat, sound == nil, case .connectionLost = error else { throw error }
            }
        }
        let fresh = try connect()
        connection = fresh
        return try use(fresh, body)
    }

    private func use<Value>(
        _ connection: Connection, _ body: (Connection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        defer { _ = sound }
        return try body(connection)
    }

    /// The connection, unless there is none or it is of no use any more: better found out now than when it is unknown what took
    /// effect. One that is broken is let go of.
    private var sound: Connection? {
        if connection?.isBroken == true { drop() }
        return connection
    }

    private func drop() {
        connection?.close()
        connection = nil
    }

    /// Called once the seat is nobody's.
    func close() async {
        await executor.run { [self] in drop() }
        await executor.shutDown()
    }

    /// The connection's thread, for tasks.
    var tasks: any TaskExecutor { executor.tasks }

    // MARK: Lending

    /// Gives `work` the connection on its thread, made if there is none.
    func lend(
        to work: @escaping @Sendable (SQLLoan) -> Void, giveBack: @escaping @Sendable () -> Void
    ) {
        let loan = SQLLoan { batch, _, committed, next in
            next(self.commitHere(batch, committed))
        } write: { body throws(SQLError) in
            try self.useHere { connection throws(SQLError) in
                try connection.transaction(.writing, body)
            }
        } giveBack: {
            giveBack()
        }
        executor.post { work(loan) }
    }

    /// Gives `work` the connection on a loop, which waits for its commits.
    func lend(
        on loop: SocketLoop, to work: @escaping @Sendable (SQLLoan) -> Void,
        giveBack: @escaping @Sendable () -> Void
    ) {
        let loan = SQLLoan { batch, _, committed, next in
            self.commit(batch, on: loop, committed, next: next)
        } write: { _ throws(SQLError) in
            throw .bug(reason: "The body of a transaction was to block a loop.")
        } giveBack: {
            giveBack()
        }
        loop.post { work(loan) }
    }

    /// To connect would block the loop: the thread does it, and commits this batch too, as it does one that is not for a loop.
    private func commit(
        _ batch: SQLBatch, on loop: SocketLoop, _ committed: @escaping SQLLoan.Committed,
        next: @escaping SQLLoan.Next
    ) {
        let isUnderWay =
            sound.map { connection in
                connection.commit(batch, on: loop) { result in
                    switch result {
                    case .success:
                        committed(result)
                        next(nil)
                    case .failure(let error):
                        _ = self.sound
                        next(error)
                    }
                }
            } ?? false
        if !isUnderWay { executor.post { next(self.commitHere(batch, committed)) } }
    }

    /// On the seat's thread.
    ///
    /// - Returns: Why it failed, if it did.
    private func commitHere(_ batch: SQLBatch, _ committed: SQLLoan.Committed) -> SQLError? {
        do throws(SQLError) {
            let answers = try useHere { connection throws(SQLError) in
                try connection.commit(batch)
            }
            committed(.success(answers))
            return nil
        } catch {
            return error
        }
    }
}
