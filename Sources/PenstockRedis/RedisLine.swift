import PenstockExecutors
import Synchronization

/// A line to one server: many callers share it, and it is laid anew when it breaks.
///
/// Callers put requests into the inbox from any thread. The loop's thread takes out all that have come together,
/// writes them at once, and hands the replies out; see ``SocketLoop``. (Not a Dispatch source: it costs two turns of
/// Dispatch's manager thread for each event, and twice the processor time for a single command.)
///
/// `@unchecked`: the stored `var`s belong to the loop's thread, as hiredis' context must. The inbox is everybody's.
final class RedisLine: LoopMember, @unchecked Sendable {
    let loop: SocketLoop
    let address: RedisAddress
    let settings: RedisSettings
    let states = RedisStates()
    /// Whether it connects anew by itself; else only when a command waits.
    let staysConnected: Bool
    let isCluster: Bool

    struct Inbox: ~Copyable {
        var requests: [RedisRequest] = []
        var orders: [Order] = []
        /// Something was asked for once: the loop has it, until it is closed.
        var isServed = false
        var isClosed = false

        var isEmpty: Bool { requests.isEmpty && orders.isEmpty }
    }
    let inbox = Mutex(Inbox())

    enum Order: Sendable {
        case interrupt
        case rebuild(reason: String)
        case found(Result<[RedisEndpoint], RedisUnreachable>, attempt: Int)
        /// Ends the line for good; the continuation goes on when it has ended.
        case close(UnsafeContinuation<Void, Never>?)
    }

    struct Outstanding {
        let waiter: RedisRequest.Waiter
        let deadline: ContinuousClock.Instant
        /// In a cluster: to be sent again if the slot has moved.
        let request: RedisRequest?
    }

    enum Phase {
        case idle, dialling, open, pausing, closed
    }
    var phase = Phase.idle
    var wire: RedisWire?
    /// Counts the tries to connect, so that a late answer of a name server is known as such.
    var attempt = 0
    /// Those of the present try that are still to be tried.
    var endpoints: ArraySlice<RedisEndpoint> = []
    var lastTrouble = "not connected yet"
    var backoff: RedisBackoff
    /// When the present try to connect is given up.
    var dialDeadline = ContinuousClock.now
    /// When the pause before the next one is over.
    var redialTime = ContinuousClock.now

    var waiting = FIFO<(request: RedisRequest, deadline: ContinuousClock.Instant)>()
    var outstanding = FIFO<Outstanding>()
    /// Why the connection is let go once all that was sent has its answer.
    var parting: String?
    /// Turned away because their slot has moved: sent anew over the next connection.
    var homeless: [RedisRequest] = []
    /// Where the next try to connect goes, if a server has told.
    var destination: RedisAddress.Node?
    /// The host of the server that we are at, or dial.
    var host = ""
    /// The inbox's other array: they take turns, so that neither is allocated anew.
    var taken: [RedisRequest] = []
    /// No time limit passes before this.
    var alarm: ContinuousClock.Instant?

    init(_ address: RedisAddress, _ settings: RedisSettings, on loop: SocketLoop, staysConnected: Bool) {
        self.loop = loop
        self.address = address
        self.settings = settings
        self.staysConnected = staysConnected
        isCluster = address.isCluster
        backoff = RedisBackoff(first: .milliseconds(50), longest: .seconds(2))
    }
}

// MARK: - From any thread

extension RedisLine {
    func post(_ request: RedisRequest) {
        let refusal = put { $0.requests.append(request) }
        if let refusal { request.waiter.resume(.failure(refusal)) }
    }

    /// Puts requests into the inbox together: nothing comes between them.
    func post(_ requests: [RedisRequest]) {
        let refusal = put { $0.requests.append(contentsOf: requests) }
        guard let refusal else { return }
        for request in requests { request.waiter.resume(.failure(refusal)) }
    }

    func post(_ order: Order) {
        _ = put { $0.orders.append(order) }
    }

    /// Ends the line for good, without waiting for it.
    func close() {
        close(then: nil)
    }

    /// Returns when the connection is closed.
    func closed() async {
        await withUnsafeContinuation { close(then: $0) }
    }

    private func close(then continuation: UnsafeContinuation<Void, Never>?) {
        let isServed = inbox.withLock { inbox in
            if !inbox.isServed { inbox.isClosed = true }
            return inbox.isServed
        }
        if isServed, put({ $0.orders.append(.close(continuation)) }) == nil { return }
        states.close()
        continuation?.resume()
    }

    private func put(_ add: (inout Inbox) -> Void) -> RedisError? {
        var isAsleep = false
        let refusal: RedisError? = inbox.withLock { inbox in
            guard !inbox.isClosed else { return .closed }
            if inbox.isEmpty {
                switch loop.notice(self) {
                case .seen: break
                case .asleep: isAsleep = true
                case .noThread: return .unavailable(reason: "no thread or file left")
                }
                inbox.isServed = true
            }
            add(&inbox)
            return nil
        }
        if isAsleep { loop.ring() }
        return refusal
    }
}

// MARK: - Sending and answering, on the loop's thread

extension RedisLine {
    func take(_ request: RedisRequest, at now: ContinuousClock.Instant) {
        if request.waiter.isInterrupted {
            request.waiter.resume(.failure(.unavailable(reason: Self.cancelledUnsent)))
        } else if phase == .closed {
            request.waiter.resume(.failure(.closed))
        } else if request.command.isSubscription {
            request.waiter.resume(.failure(.refused(message: RedisCommand.subscriptionRefusal)))
        } else if phase != .open || parting != nil || !transmit(request, at: now) {
            wait(with: request, from: now)
        }
    }

    func wait(with request: RedisRequest, from now: ContinuousClock.Instant) {
        let deadline = now + request.patience
        waiting.append((request, deadline))
        arm(for: deadline)
    }

    private func transmit(_ request: RedisRequest, at now: ContinuousClock.Instant) -> Bool {
        guard let wire, wire.submit(request.command) else { return false }
        let deadline = now + request.limit
        outstanding.append(
            Outstanding(
                waiter: request.waiter, deadline: deadline, request: isCluster ? request : nil))
        arm(for: deadline)
        return true
    }

    /// A reply, to the oldest command: Redis answers in order.
    func answered(_ raw: UnsafePointer<RedisReply.Raw>) {
        guard let entry = outstanding.popFirst() else { return }
        let reply = RedisReply(copying: raw)
        if case .greeting(let greeting) = entry.waiter {
            greeted(greeting.verdict(on: reply))
        } else if case .error(let message) = reply,
            let detour = RedisDetour(message, from: host, inCluster: isCluster)
        {
            turnedAway(entry, detour, message)
        } else {
            entry.waiter.resume(Result(reply))
        }
        endIfParted()
    }

    /// The wire is gone. Called from within hiredis too: nothing here may touch a context.
    func ended(_ reason: String) {
        wire = nil
        lastTrouble = reason
        parting = nil
        keepHomeless()
        for entry in outstanding.removeAll() { entry.waiter.resume(.failure(.unknownEffect(reason: reason))) }
        switch phase {
        case .open:
            states.publish(.lost(reason: reason))
            pause()
        case .dialling where endpoints.isEmpty: pause()
        case .dialling, .idle, .pausing, .closed: break
        }
    }

    /// Lets go of the commands whose task was cancelled: takes them back if they were not sent, else cuts the connection.
    func dropInterrupted() {
        for entry in waiting.removeAll(where: { $0.request.waiter.isInterrupted }) {
            entry.request.waiter.resume(.failure(.unavailable(reason: Self.cancelledUnsent)))
        }
        if outstanding.contains(where: { $0.waiter.isInterrupted }) {
            wire?.end("its task was cancelled while it waited for the reply")
        }
    }

    private static let cancelledUnsent = "its task was cancelled before it was sent"
}
