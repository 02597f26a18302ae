import Glibc
import PenstockExecutors
import PenstockSQL

/// The place of one connection: a thread of its own, on which alone the connection is used.
actor SQLiteSeat {
    private let executor: ThreadExecutor
    private let file: SQLiteFile
    private let role: SQLiteConnection.Role
    private let options: SQLiteOptions
    /// What waits for the disk, for a writer that does.
    private let sync: SQLiteSync?
    private var connection: SQLiteConnection?
    private var isClosed = false
    private var reliefIsDue = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        on file: SQLiteFile, as role: SQLiteConnection.Role, options: SQLiteOptions,
        flush: @escaping SQLiteSync.Flush = { fdatasync($0) }
    ) {
        self.file = file
        self.role = role
        self.options = options
        sync = role == .writer && options.synchronous == .full ? SQLiteSync(of: file, by: flush) : nil
        executor = ThreadExecutor(name: "sqlite-\(role)")
    }

    deinit { executor.endWhenDone() }

    func open() throws(SQLError) {
        _ = try opened()
    }

    func transaction<Value: Sendable>(
        _ body: @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        try use { connection throws(SQLError) in try connection.transaction(body) }
    }

    private func write(
        _ body: (any SQLConnection) throws(SQLError) -> Void
    ) -> Result<Void, SQLError> {
        Result { () throws(SQLError) in
            try use { connection throws(SQLError) in try connection.transaction(body) }
            try sync?.wait()
        }
    }

    /// - Returns: Why it failed, if it did.
    private func commit(
        _ batch: SQLBatch, whileOthersWait othersWait: @Sendable () -> Bool,
        _ committed: @escaping SQLLoan.Committed
    ) -> SQLError? {
        let answers: [SQLAnswer]
        do throws(SQLError) {
            answers = try run(batch)
        } catch {
            return error
        }
        guard batch.isDurable, let sync else {
            committed(.success(answers))
            return nil
        }
        sync.tell(onThisThread: !othersWait()) { failure in
            committed(failure.map { .failure($0) } ?? .success(answers))
        }
        return nil
    }

    private func run(_ batch: SQLBatch) throws(SQLError) -> [SQLAnswer] {
        try use { connection throws(SQLError) in
            if batch.isReading { return try connection.run(batch.commands) }
            return try connection.transaction { connection throws(SQLError) in
                try connection.run(batch.commands)
            }
        }
    }

    private func use<Value>(
        _ body: (SQLiteConnection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        if let failure = sync?.failure { throw failure }
        let connection = try opened()
        defer {
            forgetIfBroken(connection)
            relieveLogLater()
        }
        return try body(connection)
    }

    nonisolated func lend(to work: @escaping @Sendable (SQLLoan) -> Void) {
        let loan = SQLLoan { batch, othersWait, committed, next in
            next(self.assumeIsolated { $0.commit(batch, whileOthersWait: othersWait, committed) })
        } write: { body throws(SQLError) in
            nonisolated(unsafe) let body = body
            try self.assumeIsolated { unsafe $0.write(body) }.get()
        }
        executor.post { work(loan) }
    }

    /// The connection's thread, for tasks.
    nonisolated var tasks: any TaskExecutor { executor.tasks }

    func describe() throws(SQLError) -> SQLDescription {
        try opened().describe()
    }

    nonisolated func close() async {
        await leave()
        await executor.shutDown()
        await sync?.close()
    }

    private func leave() {
        isClosed = true
        connection?.close()
        connection = nil
    }

    /// Moves the log into the file when it has grown, after those who wait for this commit have been told.
    private func relieveLogLater() {
        guard !reliefIsDue, connection?.logNeedsRelief == true else { return }
        reliefIsDue = true
        Task {
            reliefIsDue = false
            connection?.relieveLog()
        }
    }

    private func opened() throws(SQLError) -> SQLiteConnection {
        guard !isClosed else { throw .refused(reason: "The SQLite store '\(file.path)' was closed.") }
        if let connection { return connection }
        let connection = try SQLiteConnection(to: file, as: role, options: options)
        self.connection = connection
        return connection
    }

    /// A connection that could not leave its transaction is opened anew for the next one.
    private func forgetIfBroken(_ connection: SQLiteConnection) {
        guard connection.isBroken else { return }
        connection.close()
        self.connection = nil
    }
}
