import Glibc
import PenstockExecutors
import PenstockSQL

/// A commit that a loop waits for.
///
/// `@unchecked`: made, with its connection, by whoever has that, and from then on the loop's thread's until it is answered.
final class MySQLLoopedCommit: LoopMember, @unchecked Sendable {
    private let connection: MySQLConnection
    private let answered: @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    private var commit: MySQLCommit
    private var exchange: (any MySQLExchange)?
    /// What libmariadb waits for.
    private var wanted: Int32 = 0
    private var deadline = ContinuousClock.now
    /// Why the transaction is being undone.
    private var failure: SQLError?
    private(set) var hasLeft = false

    private init(
        _ batch: SQLBatch, over connection: MySQLConnection,
        _ answered: @escaping @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    ) {
        self.connection = connection
        self.answered = answered
        commit = MySQLCommit(of: batch, givesRows: connection.handle.isMariaDB)
    }

    /// Sends what comes first, and has `loop` wait for the answers: as ``MySQLConnection/commit(_:)``.
    static func begin(
        _ batch: SQLBatch, over connection: MySQLConnection, on loop: SocketLoop,
        _ answered: @escaping @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    ) {
        let commit = MySQLLoopedCommit(batch, over: connection, answered)
        commit.proceed(after: 0)
        guard !commit.hasLeft else { return }
        switch loop.notice(commit) {
        case .seen: break
        case .asleep: loop.ring()
        // There is no thread left to wait for the server.
        case .noThread: commit.cutOff()
        }
    }

    // MARK: On the loop

    var alarm: ContinuousClock.Instant? { deadline }

    var interest: pollfd {
        hasLeft
            ? pollfd(fd: -1, events: 0, revents: 0)
            : pollfd(fd: connection.handle.socket, events: MySQLEvents.polled(for: wanted), revents: 0)
    }

    func handle(_ events: Int16) -> Int {
        guard !hasLeft else { return 0 }
        proceed(after: MySQLEvents.come(of: wanted, in: events))
        return hasLeft ? 1 : 0
    }

    /// Looks once more before it gives up: the loop may have been busy elsewhere.
    func ringAlarm() {
        guard !hasLeft, deadline <= .now else { return }
        proceed(after: MySQLEvents.come(of: wanted, in: 0))
        if !hasLeft, deadline <= .now { cutOff() }
    }

    private func cutOff() {
        connection.handle.cutOff()
        proceed(after: wanted)
    }

    // MARK: One exchange after the other

    /// Goes on until the server is to be waited for, or all is done.
    private func proceed(after events: Int32) {
        var events = events
        do throws(SQLError) {
            while true {
                if let exchange {
                    wanted = try connection.telling { () throws(MySQLFailure) in
                        try exchange.goOn(after: events)
                    }
                    guard wanted == 0 else { return }
                    if let failure { return end(with: .failure(failure)) }
                    try commit.take(exchange.answers)
                }
                guard let next = try commit.next(on: connection) else {
                    return end(with: .success(try commit.result()))
                }
                takeUp(next)
                events = 0
            }
        } catch {
            undo(after: error)
        }
    }

    private func takeUp(_ next: any MySQLExchange) {
        exchange = next
        deadline = .now + connection.options.answerLimit
    }

    private func undo(after error: SQLError) {
        if let failure {
            connection.giveUp()
            end(with: .failure(failure))
        } else if commit.isTransaction, let undoing = connection.undoing() {
            failure = error
            takeUp(undoing)
            proceed(after: 0)
        } else {
            end(with: .failure(error))
        }
    }

    private func end(with result: Result<[SQLAnswer], SQLError>) {
        hasLeft = true
        answered(result)
    }
}
