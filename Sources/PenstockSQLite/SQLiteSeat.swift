import PenstockExecutors
import PenstockSQL

/// The place of one connection: a thread of its own, on which alone the connection is used.
actor SQLiteSeat {
    private let executor: ThreadExecutor
    private let file: SQLiteFile
    private let role: SQLiteConnection.Role
    private let options: SQLiteOptions
    private var connection: SQLiteConnection?
    private var isClosed = false
    private var reliefIsDue = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(on file: SQLiteFile, as role: SQLiteConnection.Role, options: SQLiteOptions) {
        self.file = file
        self.role = role
        self.options = options
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

    private func use<Value>(
        _ body: (SQLiteConnection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        let connection = try opened()
        defer {
            forgetIfBroken(connection)
            relieveLogLater()
        }
        return try body(connection)
    }

    nonisolated func lend(to work: @escaping @Sendable (SQLLoan) -> Void) {
        executor.post {
            self.assumeIsolated { seat in
                work(
                    SQLLoan { batch throws(SQLError) in
                        try seat.use { connection throws(SQLError) in try connection.commit(batch) }
                    } write: { body throws(SQLError) in
                        try seat.use { connection throws(SQLError) in try connection.transaction(body) }
                    })
            }
        }
    }

    func describe() throws(SQLError) -> SQLDescription {
        try opened().describe()
    }

    nonisolated func close() async {
        await leave()
        await executor.shutDown()
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
