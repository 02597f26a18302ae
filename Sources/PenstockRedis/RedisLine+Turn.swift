import Glibc
import Synchronization

/// A line's part in a turn of its loop, on the loop's thread.
extension RedisLine {
    func takeInbox() {
        let orders = inbox.withLock { inbox in
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
        wire?.flush()
    }

    var hasLeft: Bool { phase == .closed }

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

    /// Sends what is left to send, and goes on with connecting.
    func goOn() {
        wire?.flush()
        if phase == .idle, !waiting.isEmpty { dial() }
        while phase == .dialling, wire == nil, let endpoint = endpoints.popFirst() { connect(to: endpoint) }
    }

    /// What the loop waits for.
    var interest: pollfd { wire?.interest ?? pollfd(fd: -1, events: 0, revents: 0) }

    /// Takes in what has arrived.
    ///
    /// - Returns: How many got their replies.
    func handle(_ events: Int16) -> Int {
        let before = outstanding.count
        wire?.handle(Int32(events))
        return before - outstanding.count
    }

    func ringAlarm() {
        if let alarm, alarm <= .now { alarmed() }
    }

    /// Once it is closed: what came after the order to.
    func refuseRest() {
        let (requests, orders) = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { (inbox.requests, inbox.orders) = ([], []) }
            return (inbox.requests, inbox.orders)
        }
        for request in requests { request.waiter.resume(.failure(.closed)) }
        for case .close(let continuation?) in orders { continuation.resume() }
    }

    private func shut() {
        phase = .closed
        wire?.end("the client was closed")
        for entry in waiting.removeAll() { entry.request.waiter.resume(.failure(.closed)) }
        states.close()
    }
}
