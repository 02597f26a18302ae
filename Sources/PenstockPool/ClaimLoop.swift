import PenstockEngine
import PenstockModel
import PenstockQueue
import PenstockRedis
import Synchronization

/// Fills the free slots from the queues, in their order, and compares the processing lists with what runs when there is doubt.
///
/// All claims and comparisons are made here, one after another: a comparison never meets a claim under way.
struct ClaimLoop {
    enum Turn {
        case claimed
        /// Nothing is there; what to wait before listening again.
        case empty(pause: Duration)
        /// Redis gave no answer; what to wait before trying again.
        case failed(pause: Duration)
    }

    private static let longestPauseAfterVainWake = 250
    private static let pauseAfterFailure: Duration = .milliseconds(250)

    private let queues: [QueueName]
    private let queue: JobQueue
    private let board: SlotBoard
    private let runner: JobRunner
    private let heart: Heart
    private let client: RedisClient
    private let log: Log
    private var generation: Int?
    private var isInDoubt = false
    private var hasFailed = false
    /// Whether an element woke the loop: if others were faster, it waits a random while before it listens again.
    var wasRung = false

    init(
        queues: [QueueName], queue: JobQueue, board: SlotBoard, runner: JobRunner, heart: Heart,
        client: RedisClient,
        log: Log
    ) {
        self.queues = queues
        self.queue = queue
        self.board = board
        self.runner = runner
        self.heart = heart
        self.client = client
        self.log = log
    }

    mutating func turn(registering facts: WorkerFacts) async -> Turn {
        do {
            try await recoverIfInDoubt()
            for name in queues {
                let free = board.freeCount
                guard free > 0 else { return .claimed }
                let sent = ContinuousClock.now
                switch try await queue.claim(from: name, upTo: free) {
                case .unregistered: try await queue.register(facts)
                case .claimed(let claims, _):
                    noteAnswer()
                    guard !claims.isEmpty else { continue }
                    wasRung = false
                    start(claims, lockedUntil: sent + queue.calls.settings.lockLife)
                    return .claimed
                }
            }
            defer { wasRung = false }
            return .empty(
                pause: wasRung ? .milliseconds(Int.random(in: 0...Self.longestPauseAfterVainWake)) : .zero)
        } catch {
            isInDoubt = true
            if !hasFailed { log.error("cannot claim, trying on", ["error": "\(error)"]) }
            hasFailed = true
            return .failed(pause: Self.pauseAfterFailure)
        }
    }

    private func start(_ claims: [Claim], lockedUntil: ContinuousClock.Instant) {
        for claim in claims {
            board.start(claim, lockedUntil: lockedUntil) { [runner] slot in
                await runner.work(on: claim, in: slot)
            }
        }
    }

    private mutating func noteAnswer() {
        if hasFailed { log.info("claims again") }
        hasFailed = false
    }

    /// After a reconnect, after an answer that was lost, and when the heart's count differs.
    private mutating func recoverIfInDoubt() async throws(QueueError) {
        if case .connected(let now) = client.state, now != generation {
            isInDoubt = isInDoubt || generation != nil
            generation = now
        }
        let differs = heart.needsRecovery.exchange(false, ordering: .acquiringAndReleasing)
        guard isInDoubt || differs else { return }
        let back = try await queue.recover(
            running: board.claimNumbers, unreadableToo: !board.handlesUnreadable)
        isInDoubt = false
        if back > 0 { log.warning("handed back claims whose reply was lost", ["claims": "\(back)"]) }
    }
}
