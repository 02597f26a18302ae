import PenstockEngine
import PenstockQueue
import Synchronization

/// Which slot works on which claim, until when its lock is surely its own, and how to stop it.
///
/// The slots' tasks, the claim loop and the heart's thread meet here; nobody waits while holding the board.
final class SlotBoard: Sendable {
    struct Slot {
        var claim: Claim?
        /// Which claim of its session this is since the slot has last looked at the queue.
        var chain = 1
        /// The number of the session's next claim, asked for together with the settling of this one.
        var announced: String?
        /// How its claim is to end, once that was asked for together with the job's last save.
        var completion: Completion?
        /// Such an end that was withdrawn, though nobody knows whether it was made: the store has not answered.
        var doubted: Completion?
        var lockedUntil: ContinuousClock.Instant
        /// While its claim is being settled no node of it runs: that the lock is gone is no reason to stop.
        var isSettling = false
        var control: RunControl?
        var task: Task<Void, Never>?
        var interruption: Interruption?
    }

    struct Board {
        /// By their numbers; `nil` for one that is free. (An array: what stands in a dictionary is changed by way of the heap.)
        var slots: [Slot?]
        /// The numbers of the free ones.
        var free: [Int]
        /// Between the count of the free slots and the start of what was claimed for them.
        var isClaiming = false
        /// The slot that is to be the only one at work.
        var loner: Int?
        var isStopping = false
        var isHalted = false
        var waitingForFree: CheckedContinuation<Void, Never>?
        var waitingForIdle: CheckedContinuation<Bool, Never>?
        /// Counts the waits for idleness, so that the limit of one never ends another.
        var idleWaits = 0
        var waitingToBeAlone: CheckedContinuation<Bool, Never>?

        init(count: Int) {
            slots = Array(repeating: nil, count: count)
            free = Array((0..<count).reversed())
        }

        var freeCount: Int { loner == nil ? free.count : 0 }
        var busyCount: Int { slots.count - free.count }
        var isLonerAlone: Bool { busyCount == 1 && !isClaiming }
        var busy: [Slot] { slots.compactMap(\.self) }
    }

    /// So many jobs of one session run after one another in one slot before the slot looks at the queue again.
    static let longestChain = 16

    let board: Mutex<Board>
    let count: Int
    /// What runs the slots' tasks.
    private let executor: any TaskExecutor

    init(count: Int, executor: any TaskExecutor = globalConcurrentExecutor) {
        self.executor = executor
        self.count = count
        board = Mutex(Board(count: count))
    }

    var freeCount: Int { board.withLock { $0.freeCount } }
    var busyCount: Int { board.withLock { $0.busyCount } }

    // MARK: - Work

    /// How many claims may be started; none while a job is to be alone. What it brings is started before ``endClaiming()``.
    func beginClaiming() -> Int {
        board.withLock { board in
            board.isClaiming = true
            return board.freeCount
        }
    }

    func endClaiming() {
        board.withLock { board in
            board.isClaiming = false
            return Self.lonerToWake(&board)
        }?.resume(returning: true)
    }

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
            slot.task = Task(executorPreference: executor) {
                await body(number)
                self.release(number)
            }
            board.slots[number] = slot
            if board.isHalted { Self.interrupt(&board, number, .halt) }
        }
    }

    private func release(_ number: Int) {
        let (free, idle, loner) = board.withLock { board in
            board.slots[number] = nil
            board.free.append(number)
            if board.loner == number { board.loner = nil }
            let free = board.waitingForFree.take()
            let idle = board.busyCount == 0 ? board.waitingForIdle.take() : nil
            return (free, idle, Self.lonerToWake(&board))
        }
        free?.resume()
        idle?.resume(returning: true)
        loner?.resume(returning: true)
    }

    /// Draws a number for the claim that is asked for together with the settling of the slot's, and notes it in the same step.
    ///
    /// - Returns: `nil` when the slot is to take no other job.
    func announce(by slot: Int, drawing number: () -> String) -> String? {
        board.withLock { board in
            guard !board.isStopping, board.loner == nil || board.loner == slot,
                let standing = board.slots[slot], standing.interruption == nil, standing.doubted == nil,
                standing.chain < Self.longestChain
            else { return nil }
            let number = number()
            board.slots[slot]?.announced = number
            return number
        }
    }

    func settles(_ slot: Int, _ isSettling: Bool) {
        board.withLock { $0.slots[slot]?.isSettling = isSettling }
    }

    func withdrawAnnouncement(by slot: Int) {
        board.withLock { $0.slots[slot]?.announced = nil }
    }

    /// Notes how the slot's claim is to end, now that it is asked for with the last save: no node of it runs any more.
    func complete(_ slot: Int, by completion: Completion) {
        board.withLock { board in
            board.slots[slot]?.completion = completion
            board.slots[slot]?.doubted = nil
            board.slots[slot]?.isSettling = true
        }
    }

    /// What ``complete(_:by:)`` noted.
    func completion(of slot: Int) -> Completion? {
        board.withLock { $0.slots[slot]?.completion }
    }

    /// Notes that the slot's claim ends otherwise, unless it turns out to have ended as ``complete(_:by:)`` noted: what that call has
    /// announced stays announced as long as this is not known.
    func withdrawCompletion(of slot: Int) {
        board.withLock { board in
            guard let completion = board.slots[slot]?.completion.take() else { return }
            board.slots[slot]?.isSettling = false
            if completion.isUnanswered {
                board.slots[slot]?.doubted = completion
            } else {
                board.slots[slot]?.announced = nil
            }
        }
    }

    /// What ``withdrawCompletion(of:)`` has withdrawn, if it may have been made all the same.
    func doubtedCompletion(of slot: Int) -> Completion? {
        board.withLock { $0.slots[slot]?.doubted }
    }

    /// Notes the claim that a slot has gone on to.
    func goOn(_ slot: Int, with claim: Claim, lockedUntil: ContinuousClock.Instant) {
        let free = board.withLock { board in
            board.slots[slot]?.claim = claim
            board.slots[slot]?.chain += 1
            board.slots[slot]?.announced = nil
            board.slots[slot]?.completion = nil
            board.slots[slot]?.doubted = nil
            board.slots[slot]?.isSettling = false
            board.slots[slot]?.lockedUntil = lockedUntil
            board.slots[slot]?.control = nil
            guard board.loner == slot else { return nil as CheckedContinuation<Void, Never>? }
            board.loner = nil
            return board.waitingForFree.take()
        }
        free?.resume()
    }

    static func lonerToWake(_ board: inout Board) -> CheckedContinuation<Bool, Never>? {
        board.isLonerAlone ? board.waitingToBeAlone.take() : nil
    }

    // MARK: - What stands on it

    /// What is worked on or asked for at one moment.
    struct Standing {
        /// The numbers of the claims.
        var claims: [String]
        /// The last number that was given to a claim by then.
        var lastNumber: Int
        /// Whether a claim that holds no lock is among them: a message that is being buried.
        var handlesUnlocked: Bool
    }

    func standing(_ lastNumber: () -> Int) -> Standing {
        board.withLock { board in
            Standing(
                claims: board.busy.flatMap { [$0.claim?.number, $0.announced].compactMap(\.self) },
                lastNumber: lastNumber(),
                handlesUnlocked: board.busy.contains { $0.claim?.session.isEmpty == true })
        }
    }

    /// The claims that hold a lock.
    var locks: [(session: String, claim: String)] {
        board.withLock { board in
            board.busy.compactMap { slot in
                guard let claim = slot.claim, !claim.session.isEmpty else { return nil }
                return (claim.session, claim.number)
            }
        }
    }
}
