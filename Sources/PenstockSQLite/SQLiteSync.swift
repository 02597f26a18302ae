import CPenstockPlatform
import Glibc
import PenstockExecutors
import PenstockSQL
import Synchronization

/// Waits for the disk on a thread of its own, so that the next transaction is made meanwhile.
///
/// What SQLite does at each commit with `synchronous = FULL` is a write to the log and an `fdatasync` of it. Here SQLite is set to
/// `NORMAL`, which leaves out the second, and this makes it good before anybody is told: one wait covers all that was committed before it
/// began. The log is read only as far as it is whole, in order, so what is lost with a host is never more than what nobody was
/// told of. (When the log is moved into the file, and when it is begun anew, SQLite waits for the disk with `NORMAL` too.)
final class SQLiteSync: Sendable {
    typealias Told = @Sendable (SQLError?) -> Void

    private struct State {
        var waiting: [Told] = []
        var isRunning = false
        var descriptor: Int32 = -1
        /// Once the disk has failed nobody can know what of the log is on it.
        var failure: SQLError?
    }

    /// What makes sure that a file is on the disk, and gives 0 or sets `errno`.
    typealias Flush = @Sendable (_ descriptor: Int32) -> Int32

    private let file: SQLiteFile
    private let flush: Flush
    private let executor = ThreadExecutor(name: "sqlite-sync")
    private let state = Mutex(State())

    init(of file: SQLiteFile, by flush: @escaping Flush) {
        self.file = file
        self.flush = flush
    }

    deinit {
        executor.endWhenDone()
        state.withLock { if $0.descriptor >= 0 { Glibc.close($0.descriptor) } }
    }

    /// Why nothing more may be committed; nil as long as the disk has kept all.
    var failure: SQLError? { state.withLock(\.failure) }

    /// Tells `waiter` when all that was committed until now is on the disk, or why that is not known.
    ///
    /// With nothing else to do, the calling thread may wait itself, as long as the other one does not anyway: where one commits at a
    /// time, handing it over and back costs more than the overlap gains.
    func tell(onThisThread waitsHere: Bool = false, _ waiter: @escaping Told) {
        let (starts, isDoneHere) = state.withLock { state in
            if waitsHere, !state.isRunning { return (false, true) }
            state.waiting.append(waiter)
            defer { state.isRunning = true }
            return (!state.isRunning, false)
        }
        if isDoneHere { waiter(sync()) } else if starts { executor.post { self.run() } }
    }

    /// Waits on the calling thread.
    func wait() throws(SQLError) {
        if let failure = sync() { throw failure }
    }

    func close() async {
        await executor.shutDown()
    }

    private func run() {
        while true {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                state.isRunning = !state.waiting.isEmpty
                return state.waiting
            }
            if waiting.isEmpty { return }
            let failure = sync()
            for waiter in waiting { waiter(failure) }
        }
    }

    private func sync() -> SQLError? {
        let descriptor: Int32
        switch opened() {
        case .success(let opened): descriptor = opened
        case .failure(let failure): return failure
        }
        guard flush(descriptor) != 0 else { return failure }
        let failure = failure("does not reach the disk", errno)
        state.withLock { $0.failure = $0.failure ?? failure }
        return failure
    }

    /// A log lasts as long as a connection to its file does, and is removed with the last one.
    private func opened() -> Result<Int32, SQLError> {
        state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            if state.descriptor >= 0, penstock_link_count(state.descriptor) > 0 {
                return .success(state.descriptor)
            }
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = open(file.path + "-wal", O_RDONLY | O_CLOEXEC)
            return state.descriptor >= 0
                ? .success(state.descriptor) : .failure(failure("cannot be opened", errno))
        }
    }

    private func failure(_ what: String, _ code: Int32) -> SQLError {
        .connectionLost(
            reason: "The log of the SQLite store '\(file.path)' \(what): \(String(cString: strerror(code)))."
                + (code == EIO || code == ENOSPC || code == EDQUOT
                    ? " Start again when the disk is in order." : ""))
    }
}
