import Glibc
import PenstockExecutors
import PenstockSQL

/// An exchange that a loop waits for.
///
/// `@unchecked`: made, with its wire, by whoever has the connection, and from then on the loop's thread's until it is answered.
final class PostgresExchange: LoopMember, @unchecked Sendable {
    private let wire: PostgresWire
    private var awaited: PostgresWire.Awaited
    private var deadline: ContinuousClock.Instant
    private var hasUnsent = true
    private(set) var hasLeft = false
    private let answered: @Sendable (Result<[SQLAnswer], SQLError>) -> Void

    private init(
        _ awaited: PostgresWire.Awaited, over wire: PostgresWire,
        _ answered: @escaping @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    ) {
        self.wire = wire
        self.awaited = awaited
        deadline = .now + wire.answerLimit
        self.answered = answered
    }

    /// Sends commands together, and has `loop` wait for their answers: as ``PostgresWire/exchange(_:patience:)``.
    static func begin(
        _ commands: [SQLCommand], over wire: PostgresWire, patience: PostgresWire.Patience,
        on loop: SocketLoop, _ answered: @escaping @Sendable (Result<[SQLAnswer], SQLError>) -> Void
    ) {
        do throws(SQLError) {
            let exchange = PostgresExchange(
                try wire.send(commands, patience: patience), over: wire, answered)
            switch loop.notice(exchange) {
            case .seen: break
            case .asleep: loop.ring()
            case .noThread:
                wire.giveUp()
                answered(.failure(.connectionLost(reason: "There is no thread left to wait for PostgreSQL.")))
            }
        } catch {
            answered(.failure(error))
        }
    }

    var alarm: ContinuousClock.Instant? { deadline }

    var interest: pollfd {
        hasLeft ? pollfd(fd: -1, events: 0, revents: 0) : wire.interest(whileUnsent: hasUnsent)
    }

    /// What finds out that the server is gone may be the sending, after which there is nothing to wait for.
    func goOn() {
        guard !hasLeft else { return }
        hasUnsent = wire.flush()
        if wire.isCutOff { advance() }
    }

    func handle(_ events: Int16) -> Int {
        guard !hasLeft else { return 0 }
        if events & Int16(POLLOUT) != 0 { deadline = .now + wire.answerLimit }
        if events & ~Int16(POLLOUT) != 0 { wire.takeIn() }
        advance()
        return hasLeft ? 1 : 0
    }

    /// Looks once more before it gives up: the loop may have been busy elsewhere.
    func ringAlarm() {
        guard !hasLeft, deadline <= .now else { return }
        wire.takeIn()
        advance()
        if !hasLeft, deadline <= .now { end(with: .failure(wire.breakOffTooLate())) }
    }

    private func advance() {
        let before = awaited.paid
        do throws(SQLError) {
            if try wire.receive(&awaited) {
                end(with: .success(try wire.answers(of: awaited)))
            } else if awaited.paid > before {
                deadline = .now + wire.answerLimit
            }
        } catch {
            end(with: .failure(error))
        }
    }

    private func end(with result: Result<[SQLAnswer], SQLError>) {
        hasLeft = true
        answered(result)
    }
}
