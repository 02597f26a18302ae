import Dispatch
import PenstockSQL
import Synchronization

/// A database that counts the transactions that write, can be held in the middle of one, and fails when told to.
final class FaultyDatabase: SQLDatabase {
    enum Fault: Sendable {
        /// Nothing takes effect.
        case before(SQLError)
        /// It takes effect, and the answer is lost.
        case after(SQLError)
    }

    /// Keeps a transaction from being committed, its writes made; or a batch from being begun, its connection taken.
    final class Hold: Sendable {
        fileprivate let isBeforehand: Bool
        private let made = AsyncStream.makeStream(of: Void.self)
        private let release = DispatchSemaphore(value: 0)

        fileprivate init(isBeforehand: Bool) { self.isBeforehand = isBeforehand }

        /// Until the transaction is where it is held.
        func isReached() async {
            for await _ in made.stream { return }
        }

        func end() { release.signal() }

        fileprivate func stay() {
            made.continuation.yield()
            release.wait()
        }
    }

    private struct State {
        var faults: [Fault] = []
        var holds: [Hold] = []
        var writes = 0
    }

    private let database: any SQLDatabase
    let writers: Int
    private let state = Mutex(State())

    init(_ database: any SQLDatabase, writers: Int = 1) {
        self.database = database
        self.writers = writers
    }

    /// How many transactions that write were begun.
    var writes: Int { state.withLock { $0.writes } }

    /// The next transactions that write, one for each fault, go wrong.
    func fail(_ faults: [Fault]) {
        state.withLock { $0.faults += faults }
    }

    /// The next transaction that writes stays open until the hold is ended, or is begun only then.
    func holdNext(beforehand isBeforehand: Bool = false) -> Hold {
        let hold = Hold(isBeforehand: isBeforehand)
        state.withLock { $0.holds.append(hold) }
        return hold
    }

    func lend(to work: @escaping @Sendable (SQLLoan) -> Void) {
        database.lend { loan in
            work(
                SQLLoan { batch, othersWait, committed, next in
                    let (fault, hold) = self.next()
                    if case .before(let error) = fault { return next(error) }
                    if case .after(let error) = fault {
                        return loan.commit(batch) { _ in
                        } next: {
                            next($0 ?? error)
                        }
                    }
                    if hold?.isBeforehand == true { hold?.stay() }
                    guard let hold, !hold.isBeforehand else {
                        return loan.commit(batch, whileOthersWait: othersWait, committed, next: next)
                    }
                    do throws(SQLError) {
                        let answers = try loan.write { connection throws(SQLError) in
                            let answers = try connection.run(batch.commands)
                            hold.stay()
                            return answers
                        }
                        committed(.success(answers))
                        next(nil)
                    } catch {
                        next(error)
                    }
                } write: { body throws(SQLError) in
                    try self.spoil { hold throws(SQLError) in
                        try loan.write { connection throws(SQLError) in
                            try body(connection)
                            hold?.stay()
                        }
                    }
                } giveBack: {
                    loan.giveBack()
                })
        }
    }

    func executor(isAlone: Bool) -> (any TaskExecutor)? { database.executor(isAlone: isAlone) }

    private func spoil<Value>(_ transaction: (Hold?) throws(SQLError) -> Value) throws(SQLError) -> Value {
        let (fault, hold) = next()
        if case .before(let error) = fault { throw error }
        let value = try transaction(hold)
        if case .after(let error) = fault { throw error }
        return value
    }

    private func next() -> (Fault?, Hold?) {
        state.withLock { state in
            state.writes += 1
            return (
                state.faults.isEmpty ? nil : state.faults.removeFirst(),
                state.holds.isEmpty ? nil : state.holds.removeFirst()
            )
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        try await database.read(body)
    }

    func describe() async throws(SQLError) -> SQLDescription { try await database.describe() }

    func close() async { await database.close() }
}
