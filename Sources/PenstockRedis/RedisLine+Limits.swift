/// Time limits, on the loop's thread.
extension RedisLine {
    /// One alarm for all limits. It is set only for an earlier one, so it rings about once in a limit's time, and never in
    /// an idle process that is connected.
    func arm(for deadline: ContinuousClock.Instant) {
        if let alarm, alarm <= deadline { return }
        alarm = deadline
    }

    func alarmed() {
        alarm = nil
        let now = ContinuousClock.now
        if isOverdue(at: now) { readLateReplies(at: now) }
        if isOverdue(at: now) { wire?.end("no reply within the time limit") }
        for entry in waiting.removeAll(where: { $0.deadline <= now }) {
            let reason = "no connection to \(address) within \(entry.request.patience): \(lastTrouble)"
            entry.request.waiter.resume(.failure(.unavailable(reason: reason)))
        }
        if phase == .dialling, now >= dialDeadline { giveUpDialling() }
        if phase == .pausing, now >= redialTime { dial() }
        let limits = [
            phase == .dialling ? dialDeadline : nil, phase == .pausing ? redialTime : nil,
            waiting.min { $0.deadline }, outstanding.min { $0.deadline },
        ]
        if let next = limits.compactMap({ $0 }).min() { arm(for: next) }
    }

    private func isOverdue(at now: ContinuousClock.Instant) -> Bool {
        guard phase == .open, let oldest = outstanding.min(of: { $0.deadline }) else { return false }
        return oldest <= now
    }

    /// The process may have been stopped for longer than the limit, with the replies in the socket all the while.
    private func readLateReplies(at now: ContinuousClock.Instant) {
        var before: Int
        repeat {
            before = outstanding.count
            wire?.read()
        } while isOverdue(at: now) && outstanding.count < before
    }
}
