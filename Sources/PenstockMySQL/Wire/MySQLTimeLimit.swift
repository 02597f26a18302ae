import Dispatch
import Glibc
import Synchronization

/// Ends a connection whose server takes too long, by shutting down its socket: whatever waits for it returns.
///
/// It watches over what libmariadb waits for itself: all that is asked with TLS in between, and the good-bye. Its own limits begin
/// anew with every piece that arrives, and its TLS heeds none: a server that sends a byte now and then would hold us for ever.
final class MySQLTimeLimit: Sendable {
    private struct State {
        /// A second name of the connection's socket: it cannot become another's while it is ours.
        var socket: Int32 = -1
        var deadline: ContinuousClock.Instant?
        /// When the next look at the deadline is due; it is not moved for each call.
        var nextLook: ContinuousClock.Instant?
        var hasExpired = false
    }

    /// Not a shared queue: those may be full of work that waits for this.
    private static let queue = DispatchQueue(label: "penstock.mysql.limits")

    private let state = Mutex(State())

    deinit { watch(socket: -1) }

    /// Whether a call took too long: the connection is of no use any more.
    var hasExpired: Bool { state.withLock { $0.hasExpired } }

    /// The socket to end; -1 for none.
    func watch(socket: Int32) {
        state.withLock { state in
            if state.socket >= 0 { close(state.socket) }
            state.socket = socket >= 0 ? fcntl(socket, F_DUPFD_CLOEXEC, 0) : -1
        }
    }

    func begin(_ limit: Duration) {
        state.withLock { state in
            let deadline = ContinuousClock.now + limit
            state.deadline = deadline
            look(at: deadline, &state)
        }
    }

    func end() {
        state.withLock { $0.deadline = nil }
    }

    /// Ends the connection now.
    func expire() {
        state.withLock { Self.expire(&$0) }
    }

    private static func expire(_ state: inout State) {
        state.deadline = nil
        state.hasExpired = true
        shutdown(state.socket, Int32(SHUT_RDWR))
    }

    private func look(at moment: ContinuousClock.Instant, _ state: inout State) {
        if let nextLook = state.nextLook, nextLook <= moment { return }
        state.nextLook = moment
        let wait = ContinuousClock.now.duration(to: moment)
        let (seconds, attoseconds) = wait.components
        let interval = DispatchTimeInterval.milliseconds(
            Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000) + 1)
        Self.queue.asyncAfter(deadline: .now() + interval) { [weak self] in self?.look(dueAt: moment) }
    }

    private func look(dueAt moment: ContinuousClock.Instant) {
        state.withLock { state in
            if state.nextLook == moment { state.nextLook = nil }
            guard let deadline = state.deadline else { return }
            guard deadline <= ContinuousClock.now else { return look(at: deadline, &state) }
            Self.expire(&state)
        }
    }
}
