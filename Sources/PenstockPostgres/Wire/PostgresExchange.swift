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

    var interest: pollfd { wire.interest }
    var alarm: ContinuousClock.Instant? { deadline }

    func takeInbox() {}
    func goOn() {}
    func refuseRest() {}

    func handle(_ events: Int16) -> Int {
        let before = awaited.paid
        if events & ~Int16(POLLOUT) != 0 { wire.takeIn() }
        do throws(SQLError) {
            if try wire.receive(&awaited) {
                end(with: .success(try wire.answers(of: awaited)))
            } else if awaited.paid > before || events & Int16(POLLOUT) != 0 {
                deadline = .now + wire.answerLimit
            }
        } catch {
            end(with: .failure(error))
        }
        return hasLeft ? 1 : 0
    }

    func ringAlarm() {
        if !hasLeft, deadline <= .now { end(with: .failure(wire.breakOffTooLate())) }
    }

    private func end(with result: Result<[SQLAnswer], SQLError>) {
        hasLeft = true
        answered(result)
    }
}
