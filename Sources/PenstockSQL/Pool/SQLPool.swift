package import PenstockExecutors
import Synchronization

/// Some connections to a database server, and a line of those who wait for one.
///
/// Connections are made when they are first needed and made anew when they broke. Who finds all of them in use waits; first
/// come, first served. Must be closed with ``close()``.
package final class SQLPool<Connection: SQLPooledConnection & SendableMetatype>: SQLDatabase {
    private typealias Seat = SQLSeat<Connection>

    private struct State {
        /// The one used last is the first to be used again: the others may stay unconnected.
        var free: [Seat]
        var line: [@Sendable (Seat?) -> Void] = []
        var isClosed = false
        /// Goes on once every connection is given back.
        var closing: CheckedContinuation<Void, Never>?
    }

    private let seats: [Seat]
    private let state: Mutex<State>
    /// What waits for the commits of those who borrow a connection on its thread. Everybody else's, and all where there is none, the
    /// connection's thread waits for.
    private let loop: SocketLoop?
    package let writers: Int

    /// - Parameters:
    ///   - name: What the threads of the connections are called.
    ///   - size: The most connections at once, at least 1.
    ///   - writers: How many of them may be of use to transactions that write.
    ///   - loop: What waits for commits, and is kept until the pool is closed.
    ///   - connect: Makes a connection, on its thread.
    package init(
        name: String, size: Int, writers: Int, on loop: SocketLoop? = nil,
        connect: @escaping @Sendable () throws(SQLError) -> Connection
    ) {
        precondition(size >= 1 && writers >= 1, "a pool needs a connection")
        loop?.keep()
        self.loop = loop
        seats = (0..<size).map { _ in Seat(name: name, connect: connect) }
        state = Mutex(State(free: seats))
        // One is left to looks and one to those who read, whom no transaction holds up.
        self.writers = min(writers, max(1, size - 2))
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        try await withConnection { connection throws(SQLError) in
            try connection.transaction(.reading, body)
        }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        try await withConnection(mayRepeat: false) { connection throws(SQLError) in
            try connection.transaction(.writing, body)
        }
    }

    package func commit(
        _ batch: @escaping @Sendable () -> SQLBatch
    ) async throws(SQLError) -> [SQLAnswer] {
        try await withConnection(mayRepeat: false) { connection throws(SQLError) in
            let batch = batch()
            return batch.commands.isEmpty ? [] : try connection.commit(batch)
        }
    }

    package func lend(to work: @escaping @Sendable (SQLLoan) -> Void) {
        takeSeat { [self] seat in
            guard let seat else { return work(SQLLoan(refusing: Self.closed)) }
            let giveBack = { @Sendable in self.give(back: seat) }
            if let loop, loop.isCurrent {
                seat.lend(on: loop, to: work, giveBack: giveBack)
            } else {
                seat.lend(to: work, giveBack: giveBack)
            }
        }
    }

    package func executor(isAlone: Bool) -> (any TaskExecutor)? {
        if let loop { return loop }
        return isAlone ? state.withLock { $0.free.last?.tasks } : nil
    }

    package func describe() async throws(SQLError) -> SQLDescription {
        try await withConnection { connection throws(SQLError) in
            try connection.describe()
        }
    }

    /// Those who wait in line are refused; what is under way is waited for.
    package func close() async {
        let line: [@Sendable (Seat?) -> Void]? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.isClosed = true
            defer { state.line = [] }
            return state.line
        }
        guard let line else { return }
        for waiter in line { waiter(nil) }
        await withCheckedContinuation { continuation in
            let areAllBack = state.withLock { state in
                guard state.free.count < seats.count else { return true }
                state.closing = continuation
                return false
            }
            if areAllBack { continuation.resume() }
        }
        for seat in seats { await seat.close() }
        loop?.letGo()
    }

    /// What changes nothing may be repeated.
    private func withConnection<Value: Sendable>(
        mayRepeat: Bool = true, _ body: @escaping @Sendable (Connection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        guard let seat = await takeSeat() else { throw Self.closed }
        defer { give(back: seat) }
        return try await seat.use(mayRepeat: mayRepeat, body)
    }

    private static var closed: SQLError { .refused(reason: "The store was closed.") }

    private func takeSeat() async -> Seat? {
        await withCheckedContinuation { continuation in takeSeat { continuation.resume(returning: $0) } }
    }

    /// Gives `taker` a seat, at once or when its turn has come; `nil` once the pool is closed.
    private func takeSeat(_ taker: @escaping @Sendable (Seat?) -> Void) {
        let seat: Seat?? = state.withLock { state in
            if state.isClosed { return .some(nil) }
            if let seat = state.free.popLast() { return seat }
            state.line.append(taker)
            return nil
        }
        if let seat { taker(seat) }
    }

    private func give(back seat: Seat) {
        var closing: CheckedContinuation<Void, Never>?
        let next: (@Sendable (Seat?) -> Void)? = state.withLock { state in
            if !state.line.isEmpty { return state.line.removeFirst() }
            state.free.append(seat)
            if state.free.count == seats.count { closing = state.closing.take() }
            return nil
        }
        next?(seat)
        closing?.resume()
    }
}
