import PenstockModel
import Synchronization

/// Copies a worker's acknowledged writes to a standby that follows.
///
/// What it has not copied when it is given up (the worker dies, the pair changes) is found again when the session is opened next, or
/// by comparing the stores.
final class Follower: Sendable {
    /// An acknowledged write, to be made on the standby too.
    struct Write: Sendable {
        let standing: PairStanding
        /// Answers false when the stores no longer stand so.
        let copy: @Sendable (SessionMirror) async throws(CheckpointerError) -> Bool
    }

    private struct State {
        var line: FollowingLine<Write>
        var copying: [Int: Task<Void, Never>] = [:]
        var copiers = 0
        var waiters: [(number: Int, condition: Condition, continuation: CheckedContinuation<Bool, Never>)] =
            []
        var waits = 0
        var isBehind = false
        /// The term whose loss was told.
        var lostTerm: Int64 = 0
    }

    private typealias Condition = @Sendable (inout FollowingLine<Write>) -> Bool

    private let stores: PairStores
    private let keeper: PairKeeper
    private let limits: FollowingLimits
    private let log: Log
    private let state: Mutex<State>

    init(_ stores: PairStores, keeper: PairKeeper, limits: FollowingLimits, log: Log) {
        self.stores = stores
        self.keeper = keeper
        self.limits = limits
        self.log = log
        state = Mutex(State(line: FollowingLine(limits)))
    }

    /// How many sessions are copied side by side.
    private static let mostCopiers = 16

    var lag: FollowingLag { state.withLock { $0.line.lag(now: .now) } }

    /// Keeps room for a write before it is made, so that none is acknowledged that cannot wait.
    func reserve(_ bytes: Int) async throws(CheckpointerError) {
        guard await wait(upTo: limits.patience, until: { $0.reserve(bytes) }) else {
            let lag = lag
            throw .unavailable(
                reason:
                    "the standby is behind: \(lag.writes) writes of \(lag.sessions) sessions wait to be copied to it"
            )
        }
    }

    /// Gives the room of a write back that was not acknowledged.
    func release(_ bytes: Int) {
        change { $0.release(bytes) }
    }

    /// Copies a write that room was kept for and that has been acknowledged.
    func add(_ write: Write, of session: SessionID, bytes: Int) {
        change { $0.add(write, of: session, bytes: bytes, now: .now) }
        state.withLock { state in
            guard state.copying.count < Self.mostCopiers, let first = state.line.begin() else { return }
            state.copiers += 1
            let number = state.copiers
            state.copying[number] = Task { await copy(from: first, as: number) }
        }
        watch()
    }

    /// Copies what waits, for some time at most, and gives up what is left.
    func close() async {
        if !(await wait(upTo: limits.closing, until: { $0.isEmpty })) {
            let lag = lag
            log.warning(
                "the worker leaves before the standby has all: the next that looks will copy it",
                ["writes": "\(lag.writes)", "sessions": "\(lag.sessions)"])
        }
        let copying = state.withLock { Array($0.copying.values) }
        for task in copying { task.cancel() }
        for task in copying { await task.value }
    }

    /// Says so when the standby falls behind, and when it has caught up.
    func watch() {
        let (lag, change) = state.withLock { state -> (FollowingLag, Bool?) in
            let lag = state.line.lag(now: .now)
            let isBehind =
                state.isBehind ? lag.writes > 0 : lag.age > limits.lag || lag.writes >= limits.writes
            defer { state.isBehind = isBehind }
            return (lag, isBehind == state.isBehind ? nil : isBehind)
        }
        guard let change else { return }
        if change {
            log.warning(
                "the standby is behind",
                [
                    "writes": "\(lag.writes)", "sessions": "\(lag.sessions)",
                    "seconds": "\(lag.age.components.seconds)",
                ])
        } else {
            log.info("the standby has caught up")
        }
    }
}

extension Follower {
    /// Copies until nothing waits that nobody is at.
    private func copy(from first: (session: SessionID, write: Write), as number: Int) async {
        var next: (session: SessionID, write: Write)? = first
        while let (session, write) = next {
            await copy(write, of: session)
            guard !Task.isCancelled else { return state.withLock { $0.copying[number] = nil } }
            change { $0.end(session) }
            next = state.withLock { state in
                let next = state.line.begin()
                if next == nil { state.copying[number] = nil }
                return next
            }
            watch()
        }
    }

    private static let pauses: (first: Duration, longest: Duration) = (.milliseconds(10), .seconds(1))

    /// Tries until the standby has it, or the pair stands otherwise: then what is missing is brought along, or lost, with all the rest.
    private func copy(_ write: Write, of session: SessionID) async {
        let standing = write.standing
        let mirror = SessionMirror(
            from: stores[standing.active], to: stores[standing.active.other], under: standing, log: log)
        var pause = Self.pauses.first
        while !Task.isCancelled {
            if let now = keeper.status?.standing, now != standing {
                if now.active != standing.active { tellLoss(under: standing) }
                return
            }
            do throws(CheckpointerError) {
                if try await write.copy(mirror) { return }
            } catch {
                switch error {
                case .unavailable, .refused: break
                case .fenced, .unreadable, .unfit:
                    return log.error(
                        "a write cannot be copied to the standby",
                        ["session": session.text, "error": "\(error)"])
                }
            }
            await keeper.examine()
            do { try await Task.sleep(for: pause) } catch { return }
            pause = min(pause * 2, Self.pauses.longest)
        }
    }

    /// Says once how much of what this worker had acknowledged was not copied before a failover.
    private func tellLoss(under standing: PairStanding) {
        let lag: FollowingLag? = state.withLock { state in
            guard state.lostTerm < standing.term else { return nil }
            state.lostTerm = standing.term
            return state.line.lag(now: .now)
        }
        guard let lag else { return }
        log.error(
            "a failover lost what this worker had not copied yet",
            ["term": "\(standing.term)", "writes": "\(lag.writes)", "sessions": "\(lag.sessions)"])
    }

    /// Changes the line, and wakes whoever waits for that.
    private func change(_ body: (inout FollowingLine<Write>) -> Void) {
        let woken = state.withLock { state in
            body(&state.line)
            var woken: [CheckedContinuation<Bool, Never>] = []
            while let first = state.waiters.first, first.condition(&state.line) {
                woken.append(state.waiters.removeFirst().continuation)
            }
            return woken
        }
        for waiter in woken { waiter.resume(returning: true) }
    }

    /// - Returns: Whether the condition came true in time; those who wait get their turn in order.
    private func wait(upTo limit: Duration, until condition: @escaping Condition) async -> Bool {
        if state.withLock({ $0.waiters.isEmpty && condition(&$0.line) }) { return true }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.line(up: condition) }
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return false }
                return false
            }
            var isTrue = false
            // Both are asked: room may have been kept at the very moment when time was up.
            for await answer in group {
                isTrue = isTrue || answer
                group.cancelAll()
            }
            return isTrue
        }
    }

    private func line(up condition: @escaping Condition) async -> Bool {
        let number = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.waiters.isEmpty, condition(&state.line) { return true }
                    state.waiters.append((number, condition, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let left = state.withLock { state in
                state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
            }
            left?.continuation.resume(returning: false)
            // Whoever stood behind it may fit now.
            change { _ in }
        }
    }
}
