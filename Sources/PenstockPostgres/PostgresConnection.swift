import CPenstockPostgres
package import PenstockExecutors
package import PenstockSQL

/// One session of a PostgreSQL server's, used on one thread at a time.
///
/// A transaction is begun together with its first statement, in one write; one that commits a list of commands goes out whole. What is
/// committed so is planned once for all values: it is run over and over, and planning it costs more than a small group of rows. What
/// a body runs may depend on its values, such as how many rows it is to give.
///
/// `@unchecked`: it belongs to whoever has it, one at a time.
package final class PostgresConnection: SQLPooledConnection, @unchecked Sendable {
    fileprivate enum Words {
        static let beginReading = SQLCommand("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        static let beginWriting = SQLCommand("BEGIN")
        static let planForValues = SQLCommand("SET LOCAL plan_cache_mode = auto")
        static let doNotWaitForDisk = SQLCommand("SET LOCAL synchronous_commit = off")
        static let commit = SQLCommand("COMMIT")
        static let rollBack = SQLCommand("ROLLBACK")
    }

    let wire: PostgresWire
    let address: PostgresAddress
    /// What goes out before the next statement: a transaction was asked for and has not begun.
    private var toBegin: [SQLCommand] = []
    private var isInTransaction = false
    /// What undid the transaction that is under way: nothing more may be done in it.
    private var spoiltBy: SQLError?

    package init(to address: PostgresAddress, options: PostgresOptions = PostgresOptions()) throws(SQLError) {
        self.address = address
        wire = try PostgresWire(to: address, options: options)
        try setWhatTheEnvironmentChanged()
    }

    package var isBroken: Bool { wire.isBroken || wire.hasLostServer() }

    /// The server is let go of with the last reference.
    package func close() {}

    // MARK: Statements

    package func run(_ command: SQLCommand) throws(SQLError) -> SQLAnswer {
        guard let answer = try exchange([command]).last else {
            throw .bug(reason: "A statement was not answered.")
        }
        return answer
    }

    package func script(_ sql: String) throws(SQLError) {
        _ = try exchange([])
        try spoiling { () throws(SQLError) in try wire.script(sql) }
    }

    private func exchange(_ commands: [SQLCommand]) throws(SQLError) -> [SQLAnswer] {
        guard isInTransaction else { throw .bug(reason: "A statement was run outside of its transaction.") }
        if let spoiltBy { throw spoiltBy }
        let commands = toBegin + commands
        guard !commands.isEmpty else { return [] }
        return try spoiling { () throws(SQLError) in
            defer { toBegin = [] }
            return try wire.exchange(commands)
        }
    }

    private func spoiling<Value>(_ body: () throws(SQLError) -> Value) throws(SQLError) -> Value {
        do throws(SQLError) {
            return try body()
        } catch {
            spoiltBy = error
            throw error
        }
    }

    // MARK: Transactions

    package func transaction<Value>(
        _ kind: SQLTransactionKind, _ body: (any SQLConnection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        isInTransaction = true
        toBegin = [kind == .reading ? Words.beginReading : Words.beginWriting, Words.planForValues]
        defer {
            isInTransaction = false
            toBegin = []
            spoiltBy = nil
        }
        do throws(SQLError) {
            let value = try body(self)
            if let spoiltBy { throw spoiltBy }
            if toBegin.isEmpty { try end(kind) }
            return value
        } catch {
            if toBegin.isEmpty { undo() }
            throw error
        }
    }

    private func end(_ kind: SQLTransactionKind) throws(SQLError) {
        guard wire.isInTransaction else {
            throw .bug(reason: "The body of a transaction has ended it itself.")
        }
        switch kind {
        case .reading:
            // Nothing depends on the answer: it is read with the next one.
            try wire.sendInPassing([Words.commit])
        case .writing:
            _ = try wire.exchange([Words.commit], patience: .leaves)
            try makeSureOfCommit()
        }
        try wire.tidyUp()
    }

    package func commit(_ batch: SQLBatch) throws(SQLError) -> [SQLAnswer] {
        do throws(SQLError) {
            return try committed(batch, try wire.exchange(batch.asTransaction, patience: .leaves))
        } catch {
            undo()
            throw error
        }
    }

    package func commit(
        _ batch: SQLBatch, on loop: SocketLoop,
        _ answered: @escaping @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    ) -> Bool {
        PostgresExchange.begin(batch.asTransaction, over: wire, patience: .leaves, on: loop) {
            [self] result in
            do throws(SQLError) {
                answered(.success(try committed(batch, try result.get())))
            } catch {
                undo(on: loop) { answered(.failure(error)) }
            }
        }
        return true
    }

    /// The answers of a batch's own commands, once it was committed.
    private func committed(
        _ batch: SQLBatch, _ answers: [SQLAnswer]
    ) throws(SQLError) -> [SQLAnswer] {
        guard !wire.isInTransaction else {
            throw .bug(reason: "The commands of a transaction have begun another.")
        }
        try makeSureOfCommit()
        try wire.tidyUp()
        return batch.standsAlone ? answers : Array(answers.dropFirst(batch.opening.count).dropLast())
    }

    private func makeSureOfCommit() throws(SQLError) {
        guard wire.takeStandbyWasGivenUp() else { return }
        throw .connectionLost(
            reason:
                "PostgreSQL at \(wire.place) committed, but somebody ended its wait for the standby's confirmation."
        )
    }

    /// A connection that cannot leave its transaction is of no more use, which the wire knows of itself.
    private func undo() {
        guard !wire.isBroken, wire.isInTransaction else { return }
        do throws(SQLError) {
            _ = try wire.exchange([Words.rollBack])
        } catch {
            wire.giveUp()
        }
    }

    private func undo(on loop: SocketLoop, _ undone: @escaping @Sendable () -> Void) {
        guard !wire.isBroken, wire.isInTransaction else { return undone() }
        PostgresExchange.begin([Words.rollBack], over: wire, patience: .cancels, on: loop) { [self] result in
            if case .failure = result { wire.giveUp() }
            undone()
        }
    }

    // MARK: Setting up

    private func setWhatTheEnvironmentChanged() throws(SQLError) {
        for (name, value) in PostgresSession.reported {
            let reported = PQparameterStatus(wire.handle, name).map { String(cString: $0) }
            if reported != value { _ = try wire.exchange([SQLCommand("SET \(name) = '\(value)'")]) }
        }
    }
}

extension SQLBatch {
    /// One that stands alone is a transaction of its own.
    fileprivate var standsAlone: Bool { commands.count == 1 && (isDurable || isReading) }

    fileprivate var opening: [SQLCommand] {
        isDurable
            ? [PostgresConnection.Words.beginWriting]
            : [PostgresConnection.Words.beginWriting, PostgresConnection.Words.doNotWaitForDisk]
    }

    fileprivate var asTransaction: [SQLCommand] {
        standsAlone ? commands : opening + commands + [PostgresConnection.Words.commit]
    }
}
