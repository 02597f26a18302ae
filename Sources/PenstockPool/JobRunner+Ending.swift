import PenstockEngine
import PenstockModel
import PenstockQueue

extension JobRunner {
    /// Two such jobs in one worker: the second goes to another, or comes back.
    private static let pauseWhenNotAlone: Duration = .seconds(1)

    static let cancelledOnRequest = "cancelled on request"

    /// How the claim ends; `nil` when the session is to be opened once more.
    func ending(
        after outcome: Outcome, _ claim: Claim, _ message: JobMessage, _ runner: FlowRunner,
        _ writer: SessionWriter,
        in slot: Int, log: Log
    ) async -> Ending? {
        func bury(_ reason: String, _ error: String, node: String = "", endsAttempt: Bool = false) async
            -> Ending?
        {
            let burial = Burial(
                reason: reason, error: error, node: node, checkpoint: writer.checkpoint?.text ?? "",
                flow: message.flow.text, endsAttempt: endsAttempt)
            return await self.bury(burial, claim, writer, in: slot, log: log)
        }
        func fail(_ error: String, node: String = "", isPermanent: Bool = false) async -> Ending? {
            let failed = failed(
                error, node: node, isPermanent: isPermanent, claim, message, with: runner, log: log)
            guard case .bury(let burial) = failed else { return .settle(failed) }
            return await bury(burial.reason, error, node: node, endsAttempt: true)
        }
        if board.interruption(of: slot) == .jobCancelled, outcome.isOpen {
            // The slot's own task was cancelled: what is still to be written is by another.
            return await Task { await cancel(claim, writer, in: slot, log: log) }.value
        }
        switch outcome {
        case .unfit(let burial): return await self.bury(burial, claim, writer, in: slot, log: log)
        case .unwanted: return await cancel(claim, writer, in: slot, log: log)
        case .notAlone:
            return .settle(
                .handBack(
                    after: board.isStopping ? .zero : Self.pauseWhenNotAlone, isInterruption: false))
        case .ran(.finished(let result)): return .settle(.done(result: result))
        case .timedOut(let limit): return await fail("the attempt took longer than its \(limit.inSeconds) s")
        case .ran(.stopped), .ran(.cancelled):
            return .settle(.handBack(after: .zero, isInterruption: true))
        case .ran(.failed(let failure)):
            return await fail(failure.description, node: failure.node.text, isPermanent: failure.isPermanent)
        case .ran(.storeFailed(let sentence)): return await fail(sentence)
        case .ran(.refused(let sentence)): return await bury("refused", sentence)
        case .ran(.postponed(let sentence)):
            return await awaitAnother(claim, sentence, message.flow.text, in: slot)
        case .ran(.fenced):
            if await holds(claim, in: slot) { return nil }
            log.warning("fenced: the job's successor goes on")
            return .leave
        }
    }

    /// How a claim ends whose attempt failed.
    func failed(
        _ error: String, node: String = "", isPermanent: Bool = false, _ claim: Claim, _ message: JobMessage,
        with runner: FlowRunner, log: Log
    ) -> Settlement {
        let attempts = claim.attempts + 1
        let most = message.maxAttempts ?? runner.settings.attempts.maxAttempts
        if isPermanent || attempts >= most {
            return .bury(
                Burial(
                    reason: "failed", error: error, node: node, flow: message.flow.text, endsAttempt: true))
        }
        let delay = runner.settings.attempts.delay(beforeRetry: attempts)
        log.warning(
            "attempt \(attempts) of \(most) failed",
            ["node": node, "error": error, "again_in": "\(delay)"])
        return .retry(after: delay, error: error, node: node)
    }

    /// Has a job buried.
    private func bury(
        _ burial: Burial, _ claim: Claim, _ writer: SessionWriter, in slot: Int, log: Log
    ) async -> Ending? {
        await conclude(.dead, burial.error, as: .bury(burial), claim, writer, in: slot, log: log)
    }

    /// Has a job cancelled. The session stays where it is, for its next job.
    private func cancel(_ claim: Claim, _ writer: SessionWriter, in slot: Int, log: Log) async -> Ending? {
        await conclude(
            .cancelled, Self.cancelledOnRequest, as: .cancelled(reason: Self.cancelledOnRequest), claim,
            writer, in: slot, log: log)
    }

    /// Notes in the store how a job has ended without a result, and then in Redis.
    private func conclude(
        _ status: JobStatus, _ error: String, as settlement: Settlement, _ claim: Claim,
        _ writer: SessionWriter, in slot: Int, log: Log
    ) async -> Ending? {
        // Whoever opened the session after the job's successor did passes the fence: so, as before a first save, it asks.
        guard await holds(claim, in: slot) else {
            log.warning("not concluded: the claim is another's by now", ["as": status.rawValue])
            return .settle(.handBack(after: .zero, isInterruption: false))
        }
        do throws(SaveFailure) {
            try await writer.recordEnd(status, error: error)
        } catch {
            switch error {
            case .fenced: return await holds(claim, in: slot) ? nil : .leave
            case .cancelled: return .settle(.handBack(after: .zero, isInterruption: false))
            case .store(let sentence):
                log.warning("the store does not note the end", ["as": status.rawValue, "error": sentence])
            }
        }
        return .settle(settlement)
    }
}
