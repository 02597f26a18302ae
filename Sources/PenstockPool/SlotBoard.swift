import PenstockEngine
import PenstockQueue
import Synchronization

/// Which slot works on which claim, until when its lock is surely its own, and how to stop it.
///
/// The slots' tasks, the claim loop and the heart's thread meet here; nobody waits while holding the board.
final class SlotBoard: Sendable {
    private struct Slot {
        var claim: Claim?
        /// The number of the session's next claim, asked for together with the settling of this one.
        var announced: String?
        var lockedUntil: ContinuousClock.Instant
        var control: RunControl?
        var task: Task<Void, Never>?
        var interruption: Interruption?
    }

    private struct Board {
        var busy: [Int: Slot] = [:]
        var free: [Int]
        var waitingForFree: CheckedContinuation<Void, Never>?
        var waitingForIdle: [CheckedContinuation<Void, Never>] = []
        var isStopping = false
    }

    private let board: Mutex<Board>
    let count: Int

    init(count: Int) {
        self.count = count
        board = Mutex(Board(free: Array((0..<count).reversed())))
    }

    var freeCount: Int { board.withLock { $0.free.count } }
    var busyCount: Int { board.withLock { $0.busy.count } }

    /// Starts a task on a free slot; it has the slot until it returns.
    func start(
        _ claim: Claim, lockedUntil: ContinuousClock.Instant,
        _ body: @escaping @Sendable (_ slot: Int) async -> Void
    ) {
        board.withLock { board in
            guard let number = board.free.popLast() else {
                preconditionFailure("more claims than free slots")
            }
            var slot = Slot(claim: claim, lockedUntil: lockedUntil)
            slot.task = Task {
                await body(number)
                self.release(number)
            }
            board.busy[number] = slot
        }
    }

    private func release(_ number: Int) {
        let (free, idle) = board.withLock { board in
            board.busy[number] = nil
            board.free.append(number)
            let free = board.waitingForFree
            board.waitingForFree = nil
            guard board.busy.isEmpty else { return (free, [CheckedContinuation<Void, Never>]()) }
            let idle = board.waitingForIdle
            board.waitingForIdle = []
            return (free, idle)
        }
        free?.resume()
        for waiter in idle { waiter.resume() }
    }

    /// Waits until a slot is free. For one waiter at a time: the claim loop.
    func waitForFree() async {
        await withCheckedContinuation { continuation in
            let isFree = board.withLock { board in
                guard board.free.isEmpty, !board.isStopping else { return true }
                board.waitingForFree = continuation
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Waits until another number of slots is free, or all are asked to stop. For one waiter at a time: the claim loop.
    func waitForChange(from freeCount: Int) async {
        await withCheckedContinuation { continuation in
            let isOver = board.withLock { board in
                guard board.free.count == freeCount, !board.isStopping else { return true }
                board.waitingForFree = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Waits until no slot works.
    func waitForIdle() async {
        await withCheckedContinuation { continuation in
            let isIdle = board.withLock { board in
                guard !board.busy.isEmpty else { return true }
                board.waitingForIdle.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Notes the claim that a slot has gone on to.
    func goOn(_ slot: Int, with claim: Claim, lockedUntil: ContinuousClock.Instant) {
        board.withLock { board in
            board.busy[slot]?.claim = claim
            board.busy[slot]?.announced = nil
            board.busy[slot]?.lockedUntil = lockedUntil
            board.busy[slot]?.control = nil
        }
    }

    /// Notes how the slot's run can be asked to stop between nodes; asked at once if all are to stop.
    func control(_ slot: Int, with control: RunControl) {
        let isStopping = board.withLock { board in
            board.busy[slot]?.control = control
            return board.isStopping
        }
        if isStopping { control.requestStop() }
    }

    func announce(_ number: String?, by slot: Int) {
        board.withLock { $0.busy[slot]?.announced = number }
    }

    func interruption(of slot: Int) -> Interruption? {
        board.withLock { $0.busy[slot]?.interruption }
    }

    /// The numbers of all claims that are worked on or asked for.
    var claimNumbers: [String] {
        board.withLock { board in
            board.busy.values.flatMap { [$0.claim?.number, $0.announced].compactMap(\.self) }
        }
    }

    /// The claims that hold a lock.
    var locks: [(session: String, claim: String)] {
        board.withLock { board in
            board.busy.values.compactMap { slot in
                guard let claim = slot.claim, !claim.session.isEmpty else { return nil }
                return (claim.session, claim.number)
            }
        }
    }

    /// Whether a claim that holds no lock is being worked on: a message that is being buried.
    var handlesUnreadable: Bool {
        board.withLock { $0.busy.values.contains { $0.claim?.session.isEmpty == true } }
    }

    /// Notes that the locks of these claims live until then, and stops those whose lock is another's.
    func renew(_ claims: [(session: String, claim: String)], lost: [String], until: ContinuousClock.Instant) {
        let renewed = Set(claims.map(\.claim)).subtracting(lost)
        board.withLock { board in
            for number in board.busy.keys {
                guard let claim = board.busy[number]?.claim?.number else { continue }
                if renewed.contains(claim) {
                    board.busy[number]?.lockedUntil = until
                } else if lost.contains(claim) {
                    Self.interrupt(&board, number, .lockLost)
                }
            }
        }
    }

    /// Stops every slot whose lock may expire before `deadline`.
    ///
    /// - Returns: The sessions of those that it stopped.
    func stopUnlocked(before deadline: ContinuousClock.Instant) -> [String] {
        board.withLock { board in
            var stopped: [String] = []
            for (number, slot) in board.busy where slot.lockedUntil < deadline && slot.interruption == nil {
                guard let claim = slot.claim, !claim.session.isEmpty else { continue }
                stopped.append(claim.session)
                Self.interrupt(&board, number, .lockLost)
            }
            return stopped
        }
    }

    /// Stops every slot at once.
    func stopAll(as interruption: Interruption) {
        board.withLock { board in
            for number in board.busy.keys { Self.interrupt(&board, number, interruption) }
        }
    }

    /// Asks every run to stop after the node that it is at, and wakes the claim loop.
    func requestStop() {
        let (controls, waiter) = board.withLock { board in
            board.isStopping = true
            let waiter = board.waitingForFree
            board.waitingForFree = nil
            return (board.busy.values.compactMap(\.control), waiter)
        }
        for control in controls { control.requestStop() }
        waiter?.resume()
    }

    private static func interrupt(_ board: inout Board, _ number: Int, _ interruption: Interruption) {
        guard board.busy[number]?.interruption == nil else { return }
        board.busy[number]?.interruption = interruption
        board.busy[number]?.task?.cancel()
    }
}

/// Why a slot's task was cancelled.
enum Interruption: Sendable {
    /// The lock was lost, or could not be renewed in time.
    case lockLost
    /// The worker leaves at once.
    case halt
}
