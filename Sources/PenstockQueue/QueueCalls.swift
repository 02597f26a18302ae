package import PenstockModel
import PenstockRedis
import Synchronization

/// Builds the calls of one worker. Numbers its claims and its changing calls, none of them twice.
package final class QueueCalls: Sendable {
    package let keys: QueueKeys
    package let worker: WorkerID
    package let settings: QueueSettings
    private let queues: String
    private let numbers = Atomic<Int>(0)

    package init(keys: QueueKeys, worker: WorkerID, queues: [QueueName], settings: QueueSettings) {
        self.keys = keys
        self.worker = worker
        self.settings = settings
        self.queues = queues.map(\.text).joined(separator: " ")
    }

    func nextNumber() -> Int {
        numbers.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// The last number given to a claim or a call.
    package var lastNumber: Int { numbers.load(ordering: .relaxed) }

    /// A number for a claim that comes with the settling of another.
    package func nextClaimNumber() -> String { "\(worker):\(nextNumber())" }

    package func register(_ facts: WorkerFacts) -> QueueCall<Bool> {
        QueueCall(
            script: QueueScripts.register, keys: [keys.workers],
            arguments: RedisArguments(
                keys.prefix, worker.text, "host", facts.host, "pid", facts.pid, "queues", queues,
                "flows", facts.flows.map(\.text).joined(separator: " "), "slots", facts.slots,
                "version", facts.version, "store", facts.store)
        ) { _ in true }
    }

    package func claim(from queue: QueueName, upTo count: Int) -> QueueCall<ClaimAnswer> {
        var arguments = RedisArguments(
            keys.prefix, worker.text, queue.text, nextNumber(), settings.lockLife.wholeMilliseconds,
            settings.maxMessageBytes, settings.recordLife.components.seconds,
            settings.noticeLife.components.seconds, settings.traces?.record ?? "",
            settings.traces?.checkpoints ?? "", settings.traces?.job ?? "")
        for _ in 0..<count { arguments.append(UUIDv7Source.shared.next()) }
        return QueueCall(script: QueueScripts.claim, keys: [keys.queue(queue)], arguments: arguments) {
            ClaimAnswer($0, from: queue)
        }
    }

    /// Ends a claim. `next` is the number for the claim of the session's next parked job, if this slot takes it at once.
    package func settle(_ claim: Claim, as settlement: Settlement, slot: Int, next: String?) -> QueueCall<
        Settled
    > {
        switch settlement {
        case .done(let result):
            let fits = result.count <= settings.maxResultBytes
            return complete(
                claim, as: "done", result: fits ? result : [], isStored: !fits, error: "",
                notice: EndNotice.done(id: claim.id, result: fits ? result : nil), slot: slot, next: next)
        case .cancelled(let reason):
            return complete(
                claim, as: "cancelled", result: [], isStored: false, error: reason,
                notice: EndNotice.cancelled(id: claim.id, reason: reason), slot: slot, next: next)
        case .retry(let delay, let error, let node):
            return requeue(
                claim, slot: slot,
                Requeue(delay: max(.milliseconds(1), delay), error: error, node: node, isFailure: true))
        case .handBack(let delay, let isInterruption):
            return requeue(
                claim, slot: slot, Requeue(delay: delay, isInterruption: isInterruption))
        case .await(let delay, let patience, let reason):
            return requeue(
                claim, slot: slot, Requeue(delay: delay, error: reason, patience: patience))
        case .postpone(let due):
            return requeue(claim, slot: slot, Requeue(due: due))
        case .bury(let burial):
            return bury(claim, burial, slot: slot)
        }
    }

    /// Ends a claim for good.
    private func complete(
        _ claim: Claim, as status: String, result: [UInt8], isStored: Bool, error: String, notice: [UInt8],
        slot: Int, next: String?
    ) -> QueueCall<Settled> {
        let life = settings.lockLife.wholeMilliseconds
        // Named here, not in the script: all workers wait for Redis' one thread.
        return settling(
            claim, by: QueueScripts.complete,
            keys: [
                keys.job(claim.id), keys.lock(claim.session), keys.turn(claim.session),
                keys.parked(claim.session), keys.processing(worker, claim.queue), keys.ended(claim.id),
            ],
            RedisArguments(
                keys.prefix, claim.number, claim.id, claim.message, status, result, isStored ? 1 : 0, error,
                notice, settings.recordLife.components.seconds, settings.noticeLife.components.seconds,
                "\(worker) slot:\(slot) \(nextNumber()) \(claim.queue) \(claim.session) \(life) \(next ?? "")"
            ))
    }

    /// How a job comes back. One that has a due time gives up its session's turn until then.
    private struct Requeue {
        var delay = Duration.zero
        var due: Timestamp?
        var error = ""
        var node = ""
        /// How long it may keep coming back like this; zero for ever.
        var patience = Duration.zero
        var isFailure = false
        var isInterruption = false

        /// As requeue.lua has them.
        var arguments: [String] {
            [
                "\(delay.wholeMilliseconds)", due.map { "\($0.milliseconds)" } ?? "", due == nil ? "1" : "0",
                isFailure ? "1" : "0", error.cut(), node, "\(patience.wholeMilliseconds)",
                isInterruption ? "1" : "0",
            ]
        }
    }

    private func requeue(_ claim: Claim, slot: Int, _ how: Requeue) -> QueueCall<Settled> {
        var arguments = common(claim, id: claim.id, slot: slot)
        arguments.append(contentsOf: how.arguments)
        return settling(claim, by: QueueScripts.requeue, keys: [keys.job(claim.id)], arguments)
    }

    private func bury(_ claim: Claim, _ burial: Burial, slot: Int) -> QueueCall<Settled> {
        let isOwned = claim.kind == .job
        let error = burial.error.cut()
        let id =
            claim.id.isEmpty
            ? JobMessage.id(in: claim.message, maxBytes: settings.maxMessageBytes)?.text ?? "" : claim.id
        var arguments = common(claim, id: id, slot: slot)
        arguments.append(
            contentsOf: [
                isOwned ? "1" : "0", isOwned ? claim.id : UUIDv7Source.shared.next(), burial.reason, error,
                burial.node, burial.checkpoint, burial.endsAttempt ? "1" : "0",
            ])
        arguments.append(EndNotice.dead(id: id, reason: burial.reason, error: error))
        arguments.append(settings.noticeLife.components.seconds)
        arguments.append(settings.maxDead)
        arguments.append(settings.deadLife.components.seconds)
        arguments.append(burial.flow)
        return settling(claim, by: QueueScripts.bury, keys: [keys.job(id)], arguments)
    }

    private func common(_ claim: Claim, id: String, slot: Int) -> RedisArguments {
        RedisArguments(
            keys.prefix, worker.text, "slot:\(slot)", nextNumber(), claim.number, claim.queue.text, id,
            claim.session, claim.message)
    }

    private func settling(
        _ claim: Claim, by script: RedisScript, keys: [String], _ arguments: RedisArguments
    ) -> QueueCall<Settled> {
        QueueCall(script: script, keys: keys, arguments: arguments) { Settled($0, after: claim) }
    }

    package func beat(renewing claims: [(session: String, claim: String)]) -> QueueCall<BeatAnswer> {
        var arguments = RedisArguments(
            keys.prefix, worker.text, settings.lockLife.wholeMilliseconds, queues)
        for (session, claim) in claims {
            arguments.append(session)
            arguments.append(claim)
        }
        return QueueCall(script: QueueScripts.beat, keys: [keys.workers], arguments: arguments) {
            BeatAnswer($0)
        }
    }

    package func survey(reaps: Bool, maxDue: Int) -> QueueCall<Survey> {
        QueueCall(
            script: QueueScripts.survey, keys: [keys.workers],
            arguments: RedisArguments(
                keys.prefix, reaps ? 1 : 0, maxDue, worker.text, settings.recordLife.components.seconds,
                settings.noticeLife.components.seconds)
        ) { Survey($0) }
    }

    package func reap(_ dead: String, beat: String, upTo count: Int) -> QueueCall<ReapAnswer> {
        QueueCall(
            script: QueueScripts.reap, keys: [keys.workers],
            arguments: RedisArguments(keys.prefix, dead, beat, count)
        ) { ReapAnswer($0) }
    }

    /// Asks for the turn to clean the sessions of these flows, or for more time. Its answer is those whose turn this worker has.
    package func takeCleaning(_ flows: [String], for life: Duration) -> QueueCall<[String]> {
        var arguments = RedisArguments(keys.prefix, worker.text, life.wholeMilliseconds)
        arguments.append(contentsOf: flows)
        return QueueCall(script: QueueScripts.cleaning, keys: [keys.workers], arguments: arguments) {
            $0.asArray?.compactMap(\.asString)
        }
    }

    /// Hands back what stands in the worker's processing lists and does not run.
    ///
    /// - Parameters:
    ///   - running: The numbers of all claims that the worker runs or has asked for.
    ///   - lastNumber: ``lastNumber`` of the moment when these were all: claims with later numbers are let be.
    ///   - unlockedToo: Whether messages that hold no lock go back too.
    /// - Returns: The call; its answer is how many messages went back.
    package func recover(running: [String], upTo lastNumber: Int, unlockedToo: Bool) -> QueueCall<Int> {
        var arguments = RedisArguments(keys.prefix, worker.text, queues, unlockedToo ? 1 : 0, lastNumber)
        arguments.append(contentsOf: running)
        return QueueCall(script: QueueScripts.recover, keys: [keys.workers], arguments: arguments) {
            $0.asInt
        }
    }

    package func leave() -> QueueCall<Int> {
        QueueCall(
            script: QueueScripts.leave, keys: [keys.workers],
            arguments: RedisArguments(keys.prefix, worker.text, queues)
        ) { $0.asInt }
    }
}

extension String {
    /// At most 4 000 characters: an error text is for people.
    fileprivate func cut() -> String { count > 4000 ? "\(prefix(4000))…" : self }
}
