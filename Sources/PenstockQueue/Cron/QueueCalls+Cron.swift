package import PenstockModel
import PenstockRedis

// What a worker asks about cron entries.
extension QueueCalls {
    /// Asks which entries are due, with the time by Redis' clock.
    package func cronDue(upTo count: Int) -> QueueCall<DueCrons> {
        QueueCall(
            script: QueueScripts.cronDue, keys: [keys.cron],
            arguments: RedisArguments(keys.prefix, count, "")
        ) { DueCrons($0) }
    }

    /// Asks which entries stand at least so far in the future, the farthest first.
    package func cronAhead(by distance: Duration, upTo count: Int) -> QueueCall<DueCrons> {
        QueueCall(
            script: QueueScripts.cronDue, keys: [keys.cron],
            arguments: RedisArguments(keys.prefix, count, distance.wholeMilliseconds)
        ) { DueCrons($0) }
    }

    /// Makes a step of an entry, unless it is paused, was changed, or another worker has made the step.
    package func cronFire(_ step: CronPlan.Step, of due: DueCron) -> QueueCall<CronFired> {
        var arguments = RedisArguments(
            keys.prefix, worker.text, nextNumber(), due.name, due.revision, step.stored, step.next)
        if let job = step.job, let occurrence = step.occurrence {
            arguments.append(occurrence.milliseconds)
            arguments.append(contentsOf: [step.queue.text, job.id.text, job.session.text, job.flow.text])
            arguments.append(job.bytes)
        } else {
            arguments.append("")
        }
        return QueueCall(script: QueueScripts.cronFire, keys: [keys.cron], arguments: arguments) {
            $0.asInt.flatMap(CronFired.init(rawValue:))
        }
    }

    /// Puts an entry off that cannot be dealt with here, for others and later; its occurrence stays.
    package func cronDefer(_ due: DueCron, for delay: Duration, because sentence: String) -> QueueCall<Bool> {
        QueueCall(
            script: QueueScripts.cronDefer, keys: [keys.cron],
            arguments: RedisArguments(
                keys.prefix, due.name, due.revision, delay.wholeMilliseconds, sentence)
        ) { $0.asInt.map { $0 == 1 } }
    }
}

/// The entries that are due.
package struct DueCrons: Sendable {
    /// By Redis' clock.
    package let now: Timestamp
    package let entries: [DueCron]

    init?(_ reply: RedisReply) {
        guard let parts = reply.asArray, let now = parts.first?.asInt, parts.count % 4 == 1 else {
            return nil
        }
        var entries: [DueCron] = []
        for index in stride(from: 1, to: parts.count, by: 4) {
            guard let name = parts[index].asString, let revision = parts[index + 1].asString,
                let next = parts[index + 2].asInt, let definition = parts[index + 3].asBytes
            else { return nil }
            entries.append(
                DueCron(name: name, revision: revision, next: Int64(next), definition: definition))
        }
        self.now = Timestamp(microseconds: Int64(now) * 1000)
        self.entries = entries
    }
}

/// What came of a step.
package enum CronFired: Int, Sendable {
    /// Nothing: another worker has made it, or the entry was changed, paused or removed.
    case overtaken = 0
    /// The job stands in its queue.
    case fired = 1
    /// The entry has moved on; no job was to be made, or its id was known.
    case moved = 2
}
