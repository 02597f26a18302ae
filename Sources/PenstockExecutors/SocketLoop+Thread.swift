import Glibc
import Synchronization

/// The loop's thread: one turn after another until nothing is left to do.
extension SocketLoop {
    /// So many tasks go on before what they ask for is sent: the servers are to work while the others go on.
    private static let jobsBetweenWrites = 4

    func run() {
        thread.store(pthread_self(), ordering: .relaxed)
        repeat {
            takeInbox()
            for member in members { member.goOn() }
            sleepUntilSomethingHappens()
            doWork()
        } while !isOver()
    }

    /// Has the members take what they were given last.
    private func takeInbox() {
        inbox.withLock { swap(&$0.members, &takenMembers) }
        for member in takenMembers {
            if !members.contains(where: { $0 === member }) { members.append(member) }
            member.takeInbox()
        }
        takenMembers.removeAll(keepingCapacity: true)
        members.removeAll { member in
            guard member.hasLeft else { return false }
            member.refuseRest()
            return true
        }
    }

    /// What could be done when it began; what this makes possible comes after the next look at the sockets.
    private func doWork() {
        inbox.withLock { swap(&$0.work, &takenWork) }
        for (index, work) in takenWork.enumerated() {
            switch work {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .call(let body): body()
            }
            if index % Self.jobsBetweenWrites == Self.jobsBetweenWrites - 1 { takeInbox() }
        }
        takenWork.removeAll(keepingCapacity: true)
    }

    private func sleepUntilSomethingHappens() {
        let isIdle = inbox.withLock { inbox in
            inbox.isAsleep = inbox.isEmpty && !(members.isEmpty && inbox.keepers == 0)
            return inbox.isAsleep
        }
        polled.removeAll(keepingCapacity: true)
        polled.append(bell.interest)
        for member in members { polled.append(member.interest) }
        let count = polled.withUnsafeMutableBufferPointer { polled in
            poll(polled.baseAddress, nfds_t(polled.count), isIdle ? patience : 0)
        }
        // What is handed out below is for this thread to see, and no reason to ring.
        if isIdle { inbox.withLock { $0.isAsleep = false } }
        // Interrupted by a signal at worst: the next turn looks again.
        if count > 0 {
            if polled[0].revents != 0 { bell.hush() }
            var answered = 0
            for (member, polled) in zip(members, polled.dropFirst()) where polled.revents != 0 {
                answered += member.handle(polled.revents)
            }
            letCallersAskAgain(answered: answered)
        }
        for member in members { member.ringAlarm() }
    }

    /// Milliseconds until the first alarm, rounded up; -1 is for ever.
    private var patience: Int32 {
        guard let alarm = members.lazy.compactMap(\.alarm).min() else { return -1 }
        let milliseconds = (alarm - .now) / .milliseconds(1)
        return Int32(min(max(milliseconds.rounded(.up), 0), 1_000_000))
    }

    /// Who got a reply together is about to ask again together: letting them go first fills the next write, and halves
    /// the processor time of a command. Those who run here do so anyway. Where somebody computes instead, a yield costs the
    /// loop a slice of time, so it is left for a while.
    private func letCallersAskAgain(answered count: Int) {
        guard count > 1, inbox.withLock({ $0.work.isEmpty }) else { return }
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
        guard members.isEmpty else { return false }
        return inbox.withLock { inbox in
            guard inbox.isEmpty, inbox.keepers == 0 else { return false }
            inbox.hasThread = false
            thread.store(0, ordering: .relaxed)
            return true
        }
    }
}
