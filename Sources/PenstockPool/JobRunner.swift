import PenstockEngine
import PenstockModel
import PenstockQueue

/// Takes one claim from its message to its settlement.
struct JobRunner: Sendable {
    let flows: [FlowName: FlowRunner]
    let store: any Checkpointer
    let queue: JobQueue
    let board: SlotBoard
    let teller: EventTeller
    let settings: PoolSettings
    let log: Log

    private static let mostOpenings = 3
    private static let pauseWhenOvertaken: Duration = .seconds(1)

    /// How a claim ends.
    enum Ending: Sendable {
        case settle(Settlement)
        /// Another worker has the job: whatever is to be said of it, that one says.
        case leave
    }

    /// Works on a claim, and on the session's next ones that come with settling it.
    func work(on first: Claim, in slot: Int) async {
        var claim = first
        while case .settle(let settlement) = await ending(of: claim, in: slot) {
            let next: Claim?
            if Task.isCancelled, case .cancelled = settlement {
                // Its cancellation is what is to be settled, and must not keep it from being.
                next = await Task { [claim] in await settle(claim, as: settlement, in: slot) }.value
            } else {
                next = await settle(claim, as: settlement, in: slot)
            }
            guard let next else { return }
            claim = next
        }
    }

    private func ending(of claim: Claim, in slot: Int) async -> Ending {
        if Task.isCancelled { return .settle(.handBack(after: .zero, isInterruption: false)) }
        switch Admission(claim, flows: flows, maxBytes: settings.queue.maxMessageBytes) {
        case .bury(let burial): return .settle(.bury(burial))
        case .awaitAnother(let sentence, let flow, let limit):
            if let limit, claim.attempts == 0, await isPast(limit, for: claim, in: slot) {
                return .settle(.bury(.expired(limit, flow: flow)))
            }
            return await awaitAnother(claim, sentence, flow, in: slot)
        case .admit(let message, let runner):
            if let due = message.notBefore, !claim.isCancelled, await !isDue(claim, at: due, in: slot) {
                return .leave
            }
            return await run(claim, message, with: runner, in: slot)
        }
    }

    /// Sends the claim back for another worker to try; buries it once its patience is over.
    func awaitAnother(_ claim: Claim, _ sentence: String, _ flow: String, in slot: Int) async
        -> Ending
    {
        if claim.isCancelled { return .settle(.cancelled(reason: Self.cancelledOnRequest)) }
        let waiting = Settlement.await(
            settings.unknownFlowDelay, patience: settings.unknownFlowPatience, reason: sentence)
        log.warning(sentence, ["job": claim.id, "session": claim.session])
        guard case .outOfPatience? = await report(claim, as: waiting, in: slot) else {
            return .leave
        }
        return .settle(.bury(Burial(reason: "unknown_flow", error: sentence, flow: flow)))
    }

    /// Whether the job's time has come, by Redis' clock. If not, the claim has ended: the job comes back when it is due.
    private func isDue(_ claim: Claim, at due: Timestamp, in slot: Int) async -> Bool {
        guard claim.attempts == 0 else { return true }
        if case .due? = await report(claim, as: .postpone(until: due), in: slot) { return true }
        return false
    }

    // MARK: - Running

    private func run(_ claim: Claim, _ message: JobMessage, with runner: FlowRunner, in slot: Int) async
        -> Ending
    {
        let log = log.with([
            "job": claim.id, "session": claim.session, "flow": message.flow.text,
            "trace": message.traceparent,
        ])
        let order = RunOrder(claim, message, worker: queue.calls.worker)
        for opening in 1...Self.mostOpenings {
            let opened: OpenedSession
            let token: String?
            // Whoever may have had the job before is shut out before anything runs, see `Save.opening`.
            let maySaveFirst = claim.isFirst && opening == 1
            switch await open(
                message, of: claim, as: "\(claim.number)/\(opening)", bySaving: maySaveFirst, log: log)
            {
            case .opened(let session, let opening): (opened, token) = (session, opening)
            case .interrupted: return .settle(.handBack(after: .zero, isInterruption: false))
            case .failed(let sentence):
                return .settle(failed(sentence, claim, message, with: runner, log: log))
            }
            let writer = runner.writer(
                to: store, opened: opened, opening: token, order: order, patience: nil,
                clock: settings.clock, log: log)
            let outcome = await outcome(
                of: order, claim, message, with: runner, opened, writer, in: slot, log: log)
            if let ending = await ending(after: outcome, claim, message, runner, writer, in: slot, log: log) {
                await writer.close()
                return ending
            }
            await writer.close()
            log.info(
                "the session was opened by another while the claim is still this worker's: opening it again")
        }
        return .settle(.handBack(after: Self.pauseWhenOvertaken, isInterruption: false))
    }

    /// What came of running a claim's job.
    enum Outcome {
        case ran(RunOutcome)
        case timedOut(Duration)
        case unfit(Burial)
        /// Somebody wants it cancelled.
        case unwanted
        /// It has to be alone in its worker, and that cannot be had now.
        case notAlone

        /// Whether the job could still be cancelled.
        var isOpen: Bool {
            switch self {
            case .ran(.finished), .unfit: false
            default: true
            }
        }
    }

    private func outcome(
        of order: RunOrder, _ claim: Claim, _ message: JobMessage, with runner: FlowRunner,
        _ opened: OpenedSession,
        _ writer: SessionWriter, in slot: Int, log: Log
    ) async -> Outcome {
        if opened.job?.status != .done {
            if claim.isCancelled || opened.job?.status == .cancelled { return .unwanted }
            let crashes = CrashCount(of: claim, head: opened.record.head)
            if let progress = crashes.progress { await noteProgress(of: claim, at: progress, in: slot) }
            if let burial = await burial(of: claim, message, opened, crashes, in: slot) {
                return .unfit(burial)
            }
            if crashes.count > 1, crashes.count == settings.maxCrashes - 1 {
                log.warning("it brought down \(crashes.count) workers: it runs alone in this one")
                guard await board.beAlone(slot) else { return .notAlone }
            }
        }
        let confirm = { @Sendable () -> RunControl.Confirmation in
            let answer = queue.askHolder(of: claim)
            return { await holds(claim, in: slot, by: answer) }
        }
        let errand: RunControl.Errand = { isFirst, result in
            self.errand(of: claim, in: slot, isFirst, result)
        }
        let isBeside = queue.calls.settings.traces != nil
        let control = RunControl(
            confirm: isBeside ? nil : confirm, progress: teller.progress(of: claim),
            errand: isBeside ? errand : nil, sparesThread: true)
        let events = teller.events(of: claim, flow: message.flow)
        board.control(slot, with: control)
        let run = { @Sendable () async -> RunOutcome in
            let outcome = await runner.run(
                order, in: opened, writer: writer, control: control, log: self.log, events: events)
            if case .finished = outcome {} else { board.withdrawCompletion(of: slot) }
            return outcome
        }
        guard let limit = message.timeout else { return .ran(await run()) }
        return await withTaskGroup(of: RunOutcome?.self) { group in
            group.addTask { await run() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            // Whichever comes first, its time or its end: the run may reach its end while it is being cancelled.
            var outcome = await group.next() ?? nil
            let isLate = outcome == nil && !Task.isCancelled
            group.cancelAll()
            for await last in group { outcome = outcome ?? last }
            if isLate, case .cancelled? = outcome { return .timedOut(limit) }
            return .ran(outcome ?? .cancelled)
        }
    }

    /// Why a job that has no result yet is not to be run.
    private func burial(
        of claim: Claim, _ message: JobMessage, _ opened: OpenedSession, _ crashes: CrashCount, in slot: Int
    ) async -> Burial? {
        if crashes.count >= settings.maxCrashes {
            return Burial(
                reason: "crashed", error: "\(crashes.count) workers died in a row while they ran this job",
                checkpoint: opened.latest?.id.text ?? "", flow: message.flow.text)
        }
        if let limit = message.expiresAt, opened.job == nil, claim.attempts == 0, claim.crashes == 0,
            await isPast(limit, for: claim, in: slot)
        {
            return .expired(limit, flow: message.flow.text)
        }
        return nil
    }
}

extension Burial {
    fileprivate static func expired(_ limit: Timestamp, flow: String) -> Burial {
        Burial(reason: "expired", error: "the job was to start by \(limit)", flow: flow)
    }
}

extension RunOrder {
    fileprivate init(_ claim: Claim, _ message: JobMessage, worker: WorkerID) {
        self.init(
            job: message.id, session: message.session, attempt: claim.attempts + 1, failures: claim.attempts,
            input: message.input, metadata: message.metadata, traceparent: message.traceparent,
            worker: worker.text, messageBytes: claim.message.count)
    }
}
