import PenstockEngine
import PenstockModel
import PenstockQueue
import PenstockRedis

/// What a job's runner asks of Redis and tells it; it asks again until there is an answer, or the slot is interrupted.
extension JobRunner {
    private static let backoff = RetryPolicy.untilAnswered

    /// Ends a claim.
    ///
    /// - Returns: The session's next job, claimed by the same call.
    func settle(_ claim: Claim, as settlement: Settlement, in slot: Int) async -> Claim? {
        var completion =
            board.completion(of: slot) ?? announceCompletion(of: claim, as: settlement, in: slot)
        var settled: Settled?
        var asked = completion.asked
        if let answer = completion.answer {
            (settled, asked) = answer
        } else {
            settled = await report(completion.call, of: claim, in: slot)
        }
        if case .notHeld? = settled, let doubted = board.doubtedCompletion(of: slot) {
            // To a claim that is not held the call does nothing, and tells what it was answered the first time.
            (completion, asked) = (doubted, doubted.asked)
            settled = await report(doubted.call, of: claim, in: slot)
        }
        note(completion.settlement, claim, settled)
        guard case .settled(let taken?)? = settled else {
            board.withdrawAnnouncement(by: slot)
            return nil
        }
        board.goOn(slot, with: taken, lockedUntil: asked + queue.calls.settings.lockLife)
        return taken
    }

    /// What a store in the queue's own Redis does in the step of a save: before the first it looks whose the claim is, and with the last
    /// it ends the job.
    func errand(of claim: Claim, in slot: Int, _ isFirst: Bool, _ result: [UInt8]?) -> SaveErrand? {
        let condition = isFirst ? queue.condition(of: claim) : nil
        guard let result else {
            return condition.map { SaveErrand(RedisErrand(onlyWhile: $0, then: nil)) }
        }
        var completion = announceCompletion(of: claim, as: .done(result: result), in: slot)
        let errand = SaveErrand(RedisErrand(onlyWhile: condition, then: completion.call.call))
        completion.errand = errand
        board.complete(slot, by: completion)
        return errand
    }

    /// The call that ends a claim, and takes the session's next job if the slot may have it.
    private func announceCompletion(of claim: Claim, as settlement: Settlement, in slot: Int) -> Completion {
        let next = board.announce(by: slot, drawing: queue.calls.nextClaimNumber)
        return Completion(
            settlement: settlement,
            call: queue.calls.settle(claim, as: settlement, slot: slot, next: next), asked: .now)
    }

    /// Ends a claim, or has its job wait, and takes no other.
    func report(_ claim: Claim, as settlement: Settlement, in slot: Int) async -> Settled? {
        await report(
            queue.calls.settle(claim, as: settlement, slot: slot, next: nil), of: claim, in: slot)
    }

    /// Sends one and the same call until it is answered; `nil` when it was given up.
    private func report(_ call: QueueCall<Settled>, of claim: Claim, in slot: Int) async -> Settled? {
        board.settles(slot, true)
        defer { board.settles(slot, false) }
        return await ask("settling", of: claim, in: slot) { () async throws(QueueError) in
            try await queue.settle(call)
        }
    }

    /// Whether the claim is still this worker's; taken as lost when nobody can say before the slot is interrupted.
    func holds(_ claim: Claim, in slot: Int) async -> Bool {
        await holds(claim, in: slot, by: queue.askHolder(of: claim))
    }

    /// The same, when it was asked already.
    func holds(_ claim: Claim, in slot: Int, by first: RedisAnswer) async -> Bool {
        var asked: RedisAnswer? = first
        return await ask("confirming", of: claim, in: slot) { () async throws(QueueError) in
            try await queue.holds(claim, by: asked.take() ?? queue.askHolder(of: claim))
        } ?? false
    }

    func noteProgress(of claim: Claim, at step: Int, in slot: Int) async {
        await ask("noting progress", of: claim, in: slot) { () async throws(QueueError) in
            try await queue.noteProgress(of: claim, at: step)
        }
    }

    /// Whether the moment is over, by Redis' clock; false where that cannot be asked.
    func isPast(_ moment: Timestamp, for claim: Claim, in slot: Int) async -> Bool {
        let now = await ask("asking the time", of: claim, in: slot) { () async throws(QueueError) in
            try await queue.time()
        }
        return now.map { $0 > moment } ?? false
    }

    @discardableResult
    private func ask<Answer: Sendable>(
        _ what: String, of claim: Claim, in slot: Int, _ question: () async throws(QueueError) -> Answer
    ) async -> Answer? {
        var failures = 0
        while true {
            do {
                return try await question()
            } catch {
                if failures == 0 {
                    log.warning(
                        "\(what) is unanswered, trying again", ["job": claim.id, "error": "\(error)"])
                }
                failures += 1
                do { try await Task.sleep(for: Self.backoff.delay(beforeRetry: failures)) } catch {
                    return nil
                }
                // Not every question is asked by the slot's own task.
                switch board.interruption(of: slot) {
                case nil, .jobCancelled?: break
                case .lockLost?, .halt?: return nil
                }
            }
        }
    }

    private func note(_ settlement: Settlement, _ claim: Claim, _ settled: Settled?) {
        var log: Log { self.log.with(["job": claim.id, "session": claim.session]) }
        switch settled {
        case nil: return log.error("left unsettled: the other workers give it back")
        case .notHeld?: return log.warning("not settled: the claim is another's by now")
        default: break
        }
        teller.tellEnd(of: claim, as: settlement)
        switch settlement {
        case .cancelled: log.info("cancelled")
        case .done: self.log.debug("done", ["job": claim.id, "session": claim.session])
        case .bury(let burial):
            log.error("buried", ["reason": burial.reason, "error": burial.error, "node": burial.node])
        case .handBack: log.info("handed back")
        case .retry, .await, .postpone: break
        }
    }
}
