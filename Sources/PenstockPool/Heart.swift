import Dispatch
import PenstockModel
import PenstockPlatform
import PenstockQueue
import PenstockRedis
import Synchronization

/// A worker's sign of life, on a thread and a connection of its own that nodes cannot starve.
///
/// It renews the locks of all that runs, stops what has lost its lock, watches the other workers' hearts, and gives back the claims
/// of those that died.
final class Heart: Sendable {
    private let calls: QueueCalls
    private let address: RedisAddress
    private let board: SlotBoard
    private let teller: EventTeller
    private let bell: Doorbell
    private let facts: WorkerFacts
    private let settings: HeartSettings
    private let log: Log
    private let cron: CronTicker
    private let wake = DispatchSemaphore(value: 0)
    private let isStopped = Atomic<Bool>(false)
    /// Set when the processing lists may hold what does not run here: the claim loop compares them.
    let needsRecovery = Atomic<Bool>(false)

    init(
        calls: QueueCalls, address: RedisAddress, board: SlotBoard, teller: EventTeller, bell: Doorbell,
        facts: WorkerFacts,
        settings: HeartSettings, log: Log
    ) {
        self.calls = calls
        self.address = address
        self.board = board
        self.teller = teller
        self.bell = bell
        self.facts = facts
        self.settings = settings
        self.log = log
        cron = CronTicker(calls: calls, log: log)
    }

    /// Starts to beat; ends with ``stop()``.
    func start() -> DedicatedThread {
        DedicatedThread(name: "penstock-heart") { self.beatUntilStopped() }
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        wake.signal()
    }

    private func beatUntilStopped() {
        let connection = RedisBlockingConnection(
            address,
            settings: RedisSettings(
                clientName: "\(calls.worker)-heart", connectLimit: settings.callLimit,
                commandLimit: settings.callLimit))
        defer { connection.close() }
        var rhythm = Rhythm(settings: settings, now: .now)
        while !isStopped.load(ordering: .acquiring) {
            if rhythm.isBeatDue(at: .now) { beat(over: connection, &rhythm) }
            stopUnlocked()
            if rhythm.isSurveyDue(at: .now) { survey(over: connection, &rhythm) }
            stopUnlocked()
            _ = wake.wait(timeout: .now() + rhythm.pause(at: .now).inSeconds)
        }
    }

    // MARK: - Beating

    private func beat(over connection: RedisBlockingConnection, _ rhythm: inout Rhythm) {
        let locks = board.locks
        let sent = ContinuousClock.now
        do {
            switch try calls.beat(renewing: locks).send(over: connection) {
            case .alive(let listed, let lost):
                let stopped = board.renew(locks, lost: lost, until: sent + calls.settings.lockLife)
                for session in stopped { log.warning("lock lost", ["session": session]) }
                if rhythm.differs(listed: listed, running: board.busyCount) {
                    demandRecovery()
                }
            case .unregistered:
                log.warning(
                    "given up for dead by the other workers: registering anew", ["locks": "\(locks.count)"])
                _ = board.renew(locks, lost: locks.map(\.claim), until: sent)
                _ = try calls.register(facts).send(over: connection)
                demandRecovery()
            }
            rhythm.didBeat(at: .now)
            if rhythm.noteSuccess() { log.info("the heart reaches Redis again") }
        } catch {
            rhythm.failedToBeat(at: .now)
            if rhythm.noteFailure() { log.error("the heart cannot reach Redis", ["error": "\(error)"]) }
        }
    }

    private func demandRecovery() {
        needsRecovery.store(true, ordering: .releasing)
        bell.ring(.lull)
    }

    private func stopUnlocked() {
        for session in board.stopUnlocked(before: .now + settings.lockMargin) {
            log.warning("stopped: the lock could not be renewed in time", ["session": session])
        }
    }

    // MARK: - Watching the others

    private func survey(over connection: RedisBlockingConnection, _ rhythm: inout Rhythm) {
        do {
            let reaps = rhythm.deathWatch.reaper(at: .now) == calls.worker.text
            let survey = try calls.survey(reaps: reaps, maxDue: settings.maxDue).send(over: connection)
            teller.note(watched: survey.watched)
            for session in board.cancel(survey.cancelled) {
                log.info("cancelling", ["session": session])
            }
            let dead = rhythm.deathWatch.look(at: survey.beats, now: .now)
            rhythm.didSurvey(at: .now, mayHaveMore: survey.moved == settings.maxDue)
            guard reaps else { return }
            for (worker, beat) in dead where worker != calls.worker.text {
                try reap(worker, beat: beat, over: connection)
            }
            if survey.hasDueCron, try cron.tick(over: connection) {
                rhythm.didSurvey(at: .now, mayHaveMore: true)
            }
            if rhythm.looksFarAhead(at: .now) { try cron.setBack(over: connection) }
        } catch {
            rhythm.didSurvey(at: .now, mayHaveMore: false)
            if rhythm.noteFailure() { log.error("the heart cannot reach Redis", ["error": "\(error)"]) }
        }
    }

    /// One script's worth of claims; what is left comes with the next looks.
    private func reap(
        _ worker: String, beat: String, over connection: RedisBlockingConnection
    ) throws(QueueError) {
        switch try calls.reap(worker, beat: beat, upTo: settings.maxReaped).send(over: connection) {
        case .alive: break
        case .reaped(let given, let isFinished):
            log.warning(
                "a worker died: its claims go back to their queues",
                ["dead": worker, "claims": "\(given)", "left": isFinished ? nil : "more"])
        }
    }
}
