import PenstockEngine
import PenstockModel
import PenstockQueue
import PenstockRedis
import Synchronization

/// Fills the free slots from the queues, in strict order or by their weights, and compares the processing lists with what runs when
/// there is doubt.
///
/// All claims and comparisons are made here, one after another: a comparison never meets a claim under way.
struct ClaimLoop {
    enum Turn {
        case claimed
        /// Nothing is there; what to wait before listening again, and where.
        case empty(pause: Duration, [QueueListener.Watch])
        /// Redis gave no answer; what to wait before trying again.
        case failed(pause: Duration)
    }

    /// Redis works on the next part of what the free slots want while the jobs of the one before run: asked for all at once, it
    /// would answer only when the last is claimed, and then have nothing to do.
    private static let mostInOneClaim = 16
    private static let longestPauseAfterVainWake = 250
    private static let pauseAfterFailure: Duration = .milliseconds(250)
    /// Without a reply for so long, the connection is given up for a new one.
    private static let longestSilence: Duration = .seconds(30)

    private let queues: QueueOrder
    private let queue: JobQueue
    private let board: SlotBoard
    private let runner: JobRunner
    private let heart: Heart
    private let bell: Doorbell
    /// Whether a queue holds its jobs back, so that the end of one may let the next start.
    private let isHeldBack = Flagged()
    private let client: RedisClient
    private let log: Log
    private var generation: Int?
    private var isInDoubt = false
    private var hasFailed = false
    private var lastAnswer = ContinuousClock.now
    /// Whether an element woke the loop: if others were faster, it waits a random while before it listens again.
    var wasRung = false

    init(
        queues: QueueOrder, queue: JobQueue, board: SlotBoard, runner: JobRunner, heart: Heart,
        bell: Doorbell, client: RedisClient, log: Log
    ) {
        self.queues = queues
        self.queue = queue
        self.board = board
        self.runner = runner
        self.heart = heart
        self.bell = bell
        self.client = client
        self.log = log
    }

    mutating func turn(registering facts: WorkerFacts) async -> Turn {
        do {
            try await recoverIfInDoubt()
            var watches = queues.names.map { _ in QueueListener.Watch.forElement(atMost: nil) }
            for index in queues.order() {
                switch try await fillSlots(from: queues.names[index], registering: facts) {
                case .lookAgain:
                    wasRung = false
                    return .claimed
                case .wait(let watch): watches[index] = watch
                }
            }
            isHeldBack.set(watches.contains { $0.isPause })
            defer { wasRung = false }
            return .empty(
                pause: wasRung ? .milliseconds(Int.random(in: 0...Self.longestPauseAfterVainWake)) : .zero,
                watches)
        } catch {
            isInDoubt = true
            if !hasFailed { log.error("cannot claim, trying on", ["error": "\(error)"]) }
            hasFailed = true
            if .now - lastAnswer > Self.longestSilence {
                client.rebuild()
                lastAnswer = .now
            }
            return .failed(pause: Self.pauseAfterFailure)
        }
    }

    /// Moves what is due by now into its queue; a burst does not wait until it is some worker's turn to.
    ///
    /// - Returns: Whether it is worth looking into the queues again.
    func moveDue(atMost count: Int) async -> Bool {
        do {
            return try await queue.moveDue(atMost: count) > 0
        } catch {
            // The next look meets the same trouble, and says so.
            return true
        }
    }

    private enum Filled {
        /// From the first queue, before waiting for anything.
        case lookAgain
        case wait(QueueListener.Watch)
    }

    private mutating func fillSlots(
        from name: QueueName, registering facts: WorkerFacts
    ) async throws(QueueError) -> Filled {
        let free = board.beginClaiming()
        defer { board.endClaiming() }
        guard free > 0 else { return .lookAgain }
        let sent = ContinuousClock.now
        let answer = try await queue.claim(from: name, upTo: min(free, share))
        noteAnswer()
        switch answer {
        case .unregistered:
            try await queue.register(facts)
            return .wait(.forElement(atMost: nil))
        case .heldBack(let wait):
            return .wait(.pause(wait))
        case .claimed(let claims, let waiting, let lookAgainAfter):
            for claim in claims {
                board.start(claim, lockedUntil: sent + queue.calls.settings.lockLife) {
                    [runner, bell, isHeldBack] slot in
                    await runner.work(on: claim, in: slot)
                    if isHeldBack.isSet { bell.ring(.lull) }
                }
            }
            // None, and yet some wait: so many were parked that the script stopped there.
            return !claims.isEmpty || waiting > 0 ? .lookAgain : .wait(.forElement(atMost: lookAgainAfter))
        }
    }

    /// How many are claimed at once.
    private var share: Int { min(Self.mostInOneClaim, (board.count + 1) / 2) }

    private mutating func noteAnswer() {
        if hasFailed { log.info("claims again") }
        hasFailed = false
        lastAnswer = .now
    }

    /// After a reconnect, after an answer that was lost, and when the heart's count differs.
    private mutating func recoverIfInDoubt() async throws(QueueError) {
        if case .connected(let now) = client.state, now != generation {
            isInDoubt = isInDoubt || generation != nil
            generation = now
        }
        let differs = heart.needsRecovery.exchange(false, ordering: .acquiringAndReleasing)
        guard isInDoubt || differs else { return }
        let standing = board.standing { queue.calls.lastNumber }
        let back = try await queue.recover(
            running: standing.claims, upTo: standing.lastNumber, unlockedToo: !standing.handlesUnlocked)
        isInDoubt = false
        if back > 0 { log.warning("handed back claims whose reply was lost", ["claims": "\(back)"]) }
    }
}

/// A yes or no that a loop's tasks look at.
private final class Flagged: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set(_ isSet: Bool) { flag.store(isSet, ordering: .relaxed) }
}
