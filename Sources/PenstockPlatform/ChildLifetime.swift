/// When a program is asked to leave, made to leave, and has left. Knows no process: it takes events and
/// answers with what to do.
struct ChildLifetime {
    enum Action: Hashable {
        case nothing
        /// Send TERM to the process group.
        case terminate
        /// Send KILL to the process group.
        case kill
        /// The program has ended and no more of it is waited for: kill what is left of its group, and
        /// report.
        case finish
    }

    private enum Phase {
        case running
        /// It has ended; others hold its standard output.
        case lingering
        /// It was given the chance to end by itself.
        case closing
        case terminating
        case killed
        case finished
    }

    private let limits: ChildLimits
    private var phase = Phase.running
    private var hasExited = false
    private var outputHasEnded = false
    /// When ``deadlinePassed(now:)`` is due.
    private(set) var deadline: ContinuousClock.Instant?

    init(limits: ChildLimits) {
        self.limits = limits
    }

    mutating func exited(now: ContinuousClock.Instant) -> Action {
        hasExited = true
        if outputHasEnded || phase == .killed { return finish() }
        if phase != .terminating {
            phase = .lingering
            deadline = now + limits.endGrace
        }
        return .nothing
    }

    mutating func outputEnded() -> Action {
        outputHasEnded = true
        return hasExited ? finish() : .nothing
    }

    /// Standard input was closed, or the program can no longer be of use: it may end by itself, but soon.
    mutating func close(now: ContinuousClock.Instant) {
        guard phase == .running else { return }
        phase = .closing
        deadline = now + limits.endGrace
    }

    mutating func terminate(now: ContinuousClock.Instant) -> Action {
        switch phase {
        case .running, .closing:
            phase = .terminating
            deadline = now + limits.terminationGrace
            return .terminate
        case .lingering: return finish()
        case .terminating, .killed, .finished: return .nothing
        }
    }

    mutating func kill() -> Action {
        if phase == .finished { return .nothing }
        if hasExited { return finish() }
        phase = .killed
        deadline = nil
        return .kill
    }

    mutating func deadlinePassed(now: ContinuousClock.Instant) -> Action {
        switch phase {
        case .closing: return terminate(now: now)
        case .lingering: return finish()
        case .terminating: return kill()
        case .running, .killed, .finished: return .nothing
        }
    }

    private mutating func finish() -> Action {
        if phase == .finished { return .nothing }
        phase = .finished
        deadline = nil
        return .finish
    }
}
