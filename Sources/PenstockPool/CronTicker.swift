import PenstockModel
import PenstockQueue
import PenstockRedis

/// Makes the jobs of cron entries whose occurrence has come. Any number of workers may do so at once.
struct CronTicker: Sendable {
    /// Entries that one look takes on.
    private static let atOnce = 20
    /// How long one look may take: the thread is the heart's, and has locks to renew.
    private static let patience: Duration = .milliseconds(250)
    /// For how long an entry is put off that cannot be dealt with.
    private static let delay: Duration = .seconds(60)

    /// An entry that could come so much sooner was moved on by a clock that was ahead. Less may be another opinion of a zone's summer.
    private static let mostAhead: Duration = .seconds(2 * 3600)

    let calls: QueueCalls
    let log: Log

    /// Sets entries back that stand in the future because Redis' clock was ahead for a while.
    func setBack(over connection: RedisBlockingConnection) throws(QueueError) {
        let far = try calls.cronAhead(by: Self.mostAhead, upTo: Self.atOnce).send(over: connection)
        for entry in far.entries {
            guard
                let plan = try? CronPlan(
                    entry, now: far.now, maxMessageBytes: calls.settings.maxMessageBytes),
                let step = plan.steps.first, entry.next - step.next > Self.mostAhead.wholeMilliseconds
            else { continue }
            guard try calls.cronFire(step, of: entry).send(over: connection) == .moved else { continue }
            log.warning(
                "a cron entry stood too far in the future, as if Redis' clock had been ahead: set back",
                ["cron": entry.name])
        }
    }

    /// Deals with the entries that are due.
    ///
    /// - Returns: Whether there may be more of them.
    func tick(over connection: RedisBlockingConnection) throws(QueueError) -> Bool {
        let deadline = ContinuousClock.now + Self.patience
        let due = try calls.cronDue(upTo: Self.atOnce).send(over: connection)
        for entry in due.entries {
            guard .now < deadline else { return true }
            do {
                let plan = try CronPlan(
                    entry, now: due.now, maxMessageBytes: calls.settings.maxMessageBytes)
                try make(plan, of: entry, now: due.now, until: deadline, over: connection)
            } catch let fault as CronFault {
                try putOff(entry, because: fault.description, over: connection)
            } catch QueueError.refused(let message) {
                try putOff(entry, because: "Redis refused: \(message)", over: connection)
            } catch let error as QueueError {
                throw error
            } catch {
                throw .unavailable(reason: "\(error)")
            }
        }
        return due.entries.count == Self.atOnce
    }

    /// Makes the steps that there is time for; the rest is due on.
    private func make(
        _ plan: CronPlan, of entry: DueCron, now: Timestamp, until deadline: ContinuousClock.Instant,
        over connection: RedisBlockingConnection
    ) throws(QueueError) {
        for (index, step) in plan.steps.enumerated() {
            guard index == 0 || .now < deadline else { return }
            let fired = try calls.cronFire(step, of: entry).send(over: connection)
            guard fired != .overtaken else { return }
            if index == 0, let skipped = plan.skipped {
                log.warning(
                    "cron times skipped",
                    ["cron": entry.name, "from": skipped.idText, "until": (step.occurrence ?? now).idText])
            }
            guard let occurrence = step.occurrence, let job = step.job else { continue }
            let fields: KeyValuePairs<String, String?> = [
                "cron": entry.name, "time": occurrence.idText, "job": job.id.text,
                "caught_up": occurrence.advanced(by: CronPlan.punctuality) < now ? "true" : nil,
            ]
            if fired == .fired {
                log.info("cron fired", fields)
            } else {
                log.warning("cron not fired: its job's id is known", fields)
            }
        }
    }

    private func putOff(
        _ entry: DueCron, because sentence: String, over connection: RedisBlockingConnection
    ) throws(QueueError) {
        log.error(
            "cron cannot fire, trying again later", ["cron": entry.name, "error": sentence])
        _ = try calls.cronDefer(entry, for: Self.delay, because: sentence).send(over: connection)
    }
}
