import Glibc
import Synchronization

/// The loop's thread: one turn after another until nothing is left to do.
extension RedisLoop {
    /// So many tasks go on before what they ask for is sent: Redis is to work while the others go on.
    private static let jobsBetweenWrites = 4

    func run() {
        repeat {
            takeInbox()
            for line in lines { line.goOn() }
            sleepUntilSomethingHappens()
            runJobs()
        } while !isOver()
    }

    /// Has the lines take what they were sent, and run what was enqueued next.
    private func takeInbox() {
        inbox.withLock { swap(&$0.lines, &takenLines) }
        for line in takenLines {
            if !lines.contains(where: { $0 === line }) { lines.append(line) }
            line.takeInbox()
            line.wire?.flush()
        }
        takenLines.removeAll(keepingCapacity: true)
        lines.removeAll { line in
            guard line.phase == .closed else { return false }
            line.refuseRest()
            return true
        }
    }

    /// Those that could go on when it began; what these make possible comes after the next look at the sockets.
    private func runJobs() {
        inbox.withLock { swap(&$0.jobs, &takenJobs) }
        for (index, job) in takenJobs.enumerated() {
            job.runSynchronously(on: asUnownedTaskExecutor())
            if index % Self.jobsBetweenWrites == Self.jobsBetweenWrites - 1 { takeInbox() }
        }
        takenJobs.removeAll(keepingCapacity: true)
    }

    private func sleepUntilSomethingHappens() {
        let isIdle = inbox.withLock { inbox in
            inbox.isAsleep = inbox.isEmpty && !lines.isEmpty
            return inbox.isAsleep
        }
        polled.removeAll(keepingCapacity: true)
        polled.append(bell.interest)
        for line in lines { polled.append(line.interest) }
        let count = polled.withUnsafeMutableBufferPointer { polled in
            poll(polled.baseAddress, nfds_t(polled.count), isIdle ? patience : 0)
        }
        // What is handed out below is for this thread to see, and no reason to ring.
        if isIdle { inbox.withLock { $0.isAsleep = false } }
        // Interrupted by a signal at worst: the next turn looks again.
        if count > 0 {
            if polled[0].revents != 0 { bell.hush() }
            var answered = 0
            for (line, polled) in zip(lines, polled.dropFirst()) where polled.revents != 0 {
                answered += line.handle(polled.revents)
            }
            letCallersAskAgain(answered: answered)
        }
        for line in lines { line.ringAlarm() }
    }

    /// Milliseconds until the first alarm, rounded up; -1 is for ever.
    private var patience: Int32 {
        guard let alarm = lines.lazy.compactMap(\.alarm).min() else { return -1 }
        let milliseconds = (alarm - .now) / .milliseconds(1)
        return Int32(min(max(milliseconds.rounded(.up), 0), 1_000_000))
    }

    /// Who got a reply together is about to ask again together: letting them go first fills the next write, and halves
    /// the processor time of a command. Those who run here do so anyway. Where somebody computes instead, a yield costs the
    /// loop a slice of time, so it is left for a while.
    private func letCallersAskAgain(answered count: Int) {
        guard count > 1, inbox.withLock({ $0.jobs.isEmpty }) else { return }
        var now = ContinuousClock.now
        guard now >= politeAgain else { return }
        for _ in 1..<min(count, Self.mostYields + 1) {
            sched_yield()
            let before = now
            now = .now
            guard now - before < Self.shortYield else {
                politeAgain = now + Self.rudeness
                return
            }
        }
    }

    private static let mostYields = 3
    /// Callers who ask again are done within this; a slice of time is some milliseconds.
    private static let shortYield = Duration.microseconds(300)
    private static let rudeness = Duration.milliseconds(30)

    private func isOver() -> Bool {
        guard lines.isEmpty else { return false }
        return inbox.withLock { inbox in
            guard inbox.isEmpty else { return false }
            inbox.hasThread = false
            return true
        }
    }
}
