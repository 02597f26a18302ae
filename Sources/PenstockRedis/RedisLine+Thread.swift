import CPenstockHiredis
import Glibc
import Synchronization

/// The line's thread: one turn after another until the line is closed.
extension RedisLine {
    /// False if the system has no thread left.
    func startThread() -> Bool {
        var thread = pthread_t()
        let kept = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { kept in
                guard let kept else { return nil }
                Unmanaged<RedisLine>.fromOpaque(kept).takeRetainedValue().run()
                return nil
            }, kept.toOpaque())
        guard status == 0 else {
            kept.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run() {
        while phase != .closed {
            takeInbox()
            wire?.flush()
            dialIfNeeded()
            sleepUntilSomethingHappens()
            if let alarm, alarm <= .now { alarmed() }
        }
        refuseRest()
    }

    private func takeInbox() {
        let orders = inbox.withLock { inbox in
            inbox.isAsleep = false
            swap(&inbox.requests, &taken)
            defer { inbox.orders = [] }
            return inbox.orders
        }
        // Orders first: what is asked for after `rebuild` goes to the new connection.
        for order in orders { carryOut(order) }
        if !taken.isEmpty {
            let now = ContinuousClock.now
            for request in taken { take(request, at: now) }
            taken.removeAll(keepingCapacity: true)
        }
    }

    private func carryOut(_ order: Order) {
        switch order {
        case .interrupt: dropInterrupted()
        case .found(let found, let attempt): dial(found, attempt)
        case .rebuild(let reason):
            wire?.end(reason)
            if phase == .pausing { dial() }
        case .close(let continuation):
            shut()
            continuation?.resume()
        }
    }

    private func dialIfNeeded() {
        if phase == .idle, !waiting.isEmpty { dial() }
        while phase == .dialling, wire == nil, let endpoint = endpoints.popFirst() { connect(to: endpoint) }
    }

    /// The last turn: what came after the order to close.
    private func refuseRest() {
        let (requests, orders) = inbox.withLock { inbox in
            inbox.isClosed = true
            return (inbox.requests, inbox.orders)
        }
        for request in requests { request.waiter.resume(.failure(.closed)) }
        for case .close(let continuation?) in orders { continuation.resume() }
    }

    private func sleepUntilSomethingHappens() {
        guard phase != .closed else { return }
        let isIdle = inbox.withLock { inbox in
            inbox.isAsleep = inbox.requests.isEmpty && inbox.orders.isEmpty
            return inbox.isAsleep
        }
        var events = (bell.interest, wire?.interest ?? pollfd(fd: -1, events: 0, revents: 0))
        let count = withUnsafeMutableBytes(of: &events) { bytes in
            bytes.withMemoryRebound(to: pollfd.self) { poll($0.baseAddress, 2, isIdle ? patience : 0) }
        }
        // Interrupted by a signal at worst: the next turn looks again.
        guard count > 0 else { return }
        if events.0.revents != 0 { bell.hush() }
        guard events.1.revents != 0 else { return }
        let before = outstanding.count
        wire?.handle(Int32(events.1.revents))
        letCallersAskAgain(answered: before - outstanding.count)
    }

    /// Who got a reply together is about to ask again together: letting them go first fills the next write, and halves
    /// the processor time of a command. Where somebody computes instead, a yield costs the line a slice of time, so it
    /// is left for a while.
    private func letCallersAskAgain(answered count: Int) {
        guard count > 1 else { return }
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

    /// Milliseconds until the alarm, rounded up; -1 is for ever.
    private var patience: Int32 {
        guard let alarm else { return -1 }
        let milliseconds = (alarm - .now) / .milliseconds(1)
        return Int32(min(max(milliseconds.rounded(.up), 0), 1_000_000))
    }

    private func shut() {
        phase = .closed
        wire?.end("the client was closed")
        for entry in waiting.removeAll() { entry.request.waiter.resume(.failure(.closed)) }
        states.close()
    }
}

/// Wakes the line's thread.
final class RedisBell: Sendable {
    private let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))

    deinit {
        if isSound { close(descriptor) }
    }

    /// False if the process has no file descriptor left.
    var isSound: Bool { descriptor >= 0 }

    var interest: pollfd { pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0) }

    func ring() { eventfd_write(descriptor, 1) }

    func hush() {
        var rings: eventfd_t = 0
        eventfd_read(descriptor, &rings)
    }
}
