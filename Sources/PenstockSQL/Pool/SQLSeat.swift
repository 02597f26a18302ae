import PenstockExecutors

/// The place of one pooled connection: a thread of its own, on which alone the connection is made and used.
actor SQLSeat<Connection: SQLPooledConnection & SendableMetatype> {
    private let executor: ThreadExecutor
    private let connect: @Sendable () throws(SQLError) -> Connection
    private var connection: Connection?

    /// Unsafe only in that it holds the executor unowned, which this actor keeps.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(name: String, connect: @escaping @Sendable () throws(SQLError) -> Connection) {
        executor = ThreadExecutor(name: name)
        self.connect = connect
    }

    deinit { executor.endWhenDone() }

    /// Runs `body` with the connection, made if there is none. What changes nothing may be repeated: it is run a second time, on
    /// a new connection, when the one that stood idle turns out to be gone.
    func use<Value>(
        mayRepeat: Bool, _ body: (Connection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        // Better found out now than when it is unknown what took effect.
        if connection?.isBroken == true { drop() }
        if let idle = connection {
            do throws(SQLError) {
                return try use(idle, body)
            } catch {
                guard mayRepeat, connection == nil, case .connectionLost = error else { throw error }
            }
        }
        let fresh = try connect()
        connection = fresh
        return try use(fresh, body)
    }

    /// Gives `work` the connection on its thread, made if there is none, for as long as it takes.
    nonisolated func lend(to work: @escaping @Sendable (SQLLoan) -> Void) {
        executor.post {
            self.assumeIsolated { seat in
                work(
                    SQLLoan { batch, _, committed throws(SQLError) in
                        let answers = try seat.use(mayRepeat: false) { connection throws(SQLError) in
                            try connection.commit(batch)
                        }
                        committed(.success(answers))
                    } write: { body throws(SQLError) in
                        try seat.use(mayRepeat: false) { connection throws(SQLError) in
                            try connection.transaction(.writing, body)
                        }
                    })
            }
        }
    }

    private func use<Value>(
        _ connection: Connection, _ body: (Connection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        defer { if connection.isBroken { drop() } }
        return try body(connection)
    }

    private func drop() {
        connection?.close()
        connection = nil
    }

    nonisolated func close() async {
        await drop()
        await executor.shutDown()
    }
}
