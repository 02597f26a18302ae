import Dispatch
import PenstockEngine
import PenstockQueue
import Synchronization

/// Stopping what works: between nodes, or at once.
extension SlotBoard {
    /// Notes how the slot's run can be asked to stop between nodes; asked at once if all are to stop.
    func control(_ slot: Int, with control: RunControl) {
        let isStopping = board.withLock { board in
            board.slots[slot]?.control = control
            return board.isStopping
        }
        if isStopping { control.requestStop() }
    }

    /// Whether all are asked to stop after the node that they are at.
    var isStopping: Bool { board.withLock { $0.isStopping } }

    func interruption(of slot: Int) -> Interruption? {
        board.withLock { $0.slots[slot]?.interruption }
    }

    /// Notes that the locks of these claims live until then, and stops those whose lock is another's.
    ///
    /// - Returns: The sessions of those that it stopped.
    func renew(
        _ claims: [(session: String, claim: String)], lost: [String], until: ContinuousClock.Instant
    ) -> [String] {
        let lost = Set(lost)
        let renewed = Set(claims.map(\.claim)).subtracting(lost)
        return board.withLock { board in
            var stopped: [String] = []
            for (number, slot) in board.slots.enumerated() {
                guard let slot, let claim = slot.claim else { continue }
                if renewed.contains(claim.number) {
                    board.slots[number]?.lockedUntil = until
                } else if lost.contains(claim.number), !slot.isSettling, slot.interruption == nil {
                    stopped.append(claim.session)
                    Self.interrupt(&board, number, .lockLost)
                }
            }
            return stopped
        }
    }

    /// Stops every slot whose lock may expire before `deadline`.
    ///
    /// - Returns: The sessions of those that it stopped.
    func stopUnlocked(before deadline: ContinuousClock.Instant) -> [String] {
        board.withLock { board in
            var stopped: [String] = []
            for (number, slot) in board.slots.enumerated() {
                guard let slot, slot.lockedUntil < deadline, !slot.isSettling, slot.interruption == nil,
                    let claim = slot.claim, !claim.session.isEmpty
                else { continue }
                stopped.append(claim.session)
                Self.interrupt(&board, number, .lockLost)
            }
            return stopped
        }
    }

    /// Stops what works on these jobs because they are to be cancelled.
    ///
    /// - Returns: The sessions of those that it stopped.
    func cancel(_ jobs: [String]) -> [String] {
        guard !jobs.isEmpty else { return [] }
        return board.withLock { board in
            var stopped: [String] = []
            for (number, slot) in board.slots.enumerated() {
                guard let slot, let claim = slot.claim, claim.kind == .job, jobs.contains(claim.id),
                    !slot.isSettling, slot.interruption == nil
                else { continue }
                stopped.append(claim.session)
                Self.interrupt(&board, number, .jobCancelled)
            }
            return stopped
        }
    }

    /// Asks every run to stop after the node that it is at, and wakes the claim loop.
    func requestStop() {
        let (controls, free, loner) = board.withLock { board in
            board.isStopping = true
            return (
                board.busy.compactMap(\.control), board.waitingForFree.take(),
                board.waitingToBeAlone.take()
            )
        }
        for control in controls { control.requestStop() }
        free?.resume()
        loner?.resume(returning: false)
    }

    /// Stops every slot at once, and whatever is started from now on.
    func halt() {
        requestStop()
        let idle = board.withLock { board in
            board.isHalted = true
            for number in board.slots.indices { Self.interrupt(&board, number, .halt) }
            return board.waitingForIdle.take()
        }
        idle?.resume(returning: false)
    }

    static func interrupt(_ board: inout Board, _ number: Int, _ interruption: Interruption) {
        guard let task = board.slots[number]?.task, board.slots[number]?.interruption == nil else { return }
        board.slots[number]?.interruption = interruption
        // What a node does when it is cancelled runs where it is cancelled: not under the lock, and not in the heart.
        DispatchQueue.global().async { task.cancel() }
        if board.loner == number { board.waitingToBeAlone.take()?.resume(returning: false) }
    }
}

/// Why a slot's task was cancelled.
enum Interruption: Sendable {
    /// The lock was lost, or could not be renewed in time.
    case lockLost
    /// The worker leaves at once.
    case halt
    /// Somebody wants the job cancelled.
    case jobCancelled
}
