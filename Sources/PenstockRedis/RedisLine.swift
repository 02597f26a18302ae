import CPenstockHiredis
import Dispatch
import Synchronization

/// A line to one server: many callers share it, and it is laid anew when it breaks.
///
/// Callers put requests into the inbox from any thread; the first one of a turn schedules a flush, so that all that is
/// asked for until the queue gets to it leaves in one write. Everything but the inbox and the state belongs to the queue.
///
/// `@unchecked`: the stored `var`s below are touched on `queue` only, as hiredis' context must be.
final class RedisLine: @unchecked Sendable {
    let queue = DispatchQueue(label: "penstock.redis")
    let address: RedisAddress
    let settings: RedisSettings
    /// Whether it connects anew by itself; else only when a command waits.
    private let staysConnected: Bool
    let states = RedisStates()

    private struct Inbox: ~Copyable {
        var requests: [RedisRequest] = []
        var isFlushDue = false
        var isClosed = false
    }
    private let inbox = Mutex(Inbox())

    private enum Phase: Equatable {
        case idle, dialling, open, pausing, closed
    }
    private var phase = Phase.idle
    private var wire: RedisWire?
    /// Counts the tries to connect, so that a late answer of a name server is known as such.
    private var attempt = 0
    private var endpoints: ArraySlice<RedisEndpoint> = []
    private var lastTrouble = "not connected yet"
    private var backoff: RedisBackoff
    private var dialDeadline = DispatchTime.distantFuture
    private var redialTime = DispatchTime.distantFuture

    private var waiting = FIFO<(request: RedisRequest, deadline: DispatchTime)>()
    private var outstanding = FIFO<(waiter: RedisRequest.Waiter, deadline: DispatchTime)>()
    private var spare: [RedisRequest] = []

    private let timer: any DispatchSourceTimer
    private var alarm = DispatchTime.distantFuture

    init(_ address: RedisAddress, _ settings: RedisSettings, staysConnected: Bool) {
        self.address = address
        self.settings = settings
        self.staysConnected = staysConnected
        backoff = RedisBackoff(first: settings.firstPause, longest: settings.longestPause)
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { [weak self] in self?.alarmed() }
        timer.activate()
    }

    deinit {
        timer.cancel()
    }
}

// MARK: - From any thread

extension RedisLine {
    func post(_ request: RedisRequest) {
        post { $0.append(request) }
    }

    /// Puts requests into the inbox together: nothing comes between them.
    func post(_ add: (inout [RedisRequest]) -> Void) {
        let isFirst = inbox.withLock { inbox in
            add(&inbox.requests)
            defer { inbox.isFlushDue = true }
            return !inbox.isFlushDue
        }
        if isFirst { queue.async { self.flush() } }
    }

    func rebuild(_ reason: String) {
        queue.async { [self] in
            switch phase {
            case .closed: break
            case .open, .dialling: wire?.end(reason)
            case .idle, .pausing: dial()
            }
        }
    }

    /// Lets go of the command whose task was cancelled: takes it back if it was not sent, else cuts the connection.
    func interrupt() {
        queue.async { [self] in
            let unsent = waiting.removeAll { $0.request.waiter.isInterrupted }
            for entry in unsent {
                entry.request.waiter.resume(.failure(.unavailable(reason: Self.cancelledUnsent)))
            }
            if outstanding.contains(where: { $0.waiter.isInterrupted }) { wire?.end(Self.cancelled) }
        }
    }

    static let cancelledUnsent = "its task was cancelled before it was sent"
    static let cancelled = "its task was cancelled while it waited for the reply"

    func close(then: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            if phase != .closed {
                phase = .closed
                wire?.end("the client was closed")
                for entry in waiting.removeAll() { entry.request.waiter.resume(.failure(.closed)) }
                timer.cancel()
                states.close()
            }
            then()
        }
    }
}

// MARK: - Sending and answering, on the queue

extension RedisLine {
    private func flush() {
        inbox.withLock { inbox in
            swap(&inbox.requests, &spare)
            inbox.isFlushDue = false
        }
        let now = DispatchTime.now()
        for request in spare { take(request, at: now) }
        spare.removeAll(keepingCapacity: true)
        wire?.flush()
        if phase == .idle, !waiting.isEmpty { dial() }
    }

    private func take(_ request: RedisRequest, at now: DispatchTime) {
        if request.waiter.isInterrupted {
            request.waiter.resume(.failure(.unavailable(reason: Self.cancelledUnsent)))
        } else if phase == .closed {
            request.waiter.resume(.failure(.closed))
        } else if request.command.isSubscription {
            request.waiter.resume(.failure(.refused(message: "this connection answers each command once")))
        } else if phase != .open || !transmit(request, at: now) {
            let deadline = now + request.patience
            waiting.append((request, deadline))
            arm(for: deadline)
        }
    }

    private func transmit(_ request: RedisRequest, at now: DispatchTime) -> Bool {
        guard let wire, wire.submit(request.command) else { return false }
        let deadline = now + request.limit
        outstanding.append((request.waiter, deadline))
        arm(for: deadline)
        return true
    }

    /// A reply, to the oldest command: Redis answers in order.
    func answered(_ raw: UnsafePointer<redisReply>) {
        guard let entry = outstanding.popFirst() else { return }
        let reply = RedisReply(copying: raw)
        if case .greeting(let greeting) = entry.waiter {
            greeted(greeting.verdict(on: reply))
        } else {
            entry.waiter.resume(Result(reply))
        }
    }

    /// Also called from within hiredis: nothing here may touch a context.
    func ended(_ reason: String) {
        wire = nil
        lastTrouble = reason
        for entry in outstanding.removeAll() { entry.waiter.resume(.failure(.unknownEffect(reason: reason))) }
        switch phase {
        case .open:
            states.publish(.lost(reason: reason))
            pause()
        case .dialling where !endpoints.isEmpty:
            queue.async { [self, attempt] in
                if attempt == self.attempt, phase == .dialling { connectToNext() }
            }
        case .dialling: pause()
        case .idle, .pausing, .closed: break
        }
    }
}

// MARK: - Connecting, on the queue

extension RedisLine {
    private func dial() {
        phase = .dialling
        attempt += 1
        dialDeadline = .now() + settings.connectLimit
        arm(for: dialDeadline)
        RedisEndpoint.find(address.place) { [self, attempt] found in
            queue.async { [self] in
                guard attempt == self.attempt, phase == .dialling else { return }
                switch found {
                case .success(let found): endpoints = found[...]
                case .failure(let error): lastTrouble = error.reason
                }
                connectToNext()
            }
        }
    }

    private func connectToNext() {
        guard let endpoint = endpoints.popFirst() else { return pause() }
        let wire = RedisWire(line: self)
        self.wire = wire
        if let reason = wire.start(endpoint) { ended(reason) }
    }

    /// The connection stands, but nobody has been let in yet. Called from within hiredis, which then writes.
    func connected() {
        for (greeting, command) in RedisGreeting.commands(for: address, named: settings.clientName) {
            guard wire?.submit(command) == true else { return }
            outstanding.append((.greeting(greeting), dialDeadline))
        }
    }

    private func greeted(_ verdict: RedisGreeting.Verdict) {
        switch verdict {
        case .goOn: break
        case .open: opened()
        case .later(let message):
            endpoints = []
            wire?.end(message)
        case .never(let error):
            endpoints = []
            for entry in waiting.removeAll() { entry.request.waiter.resume(.failure(error)) }
            wire?.end("\(error)")
        }
    }

    private func opened() {
        phase = .open
        endpoints = []
        dialDeadline = .distantFuture
        backoff.reset()
        states.connected()
        // They leave when hiredis has done with this turn's replies.
        let now = DispatchTime.now()
        for entry in waiting.removeAll() { take(entry.request, at: now) }
    }

    private func pause() {
        dialDeadline = .distantFuture
        guard staysConnected || !waiting.isEmpty else { return phase = .idle }
        phase = .pausing
        var random = SystemRandomNumberGenerator()
        redialTime = .now() + backoff.next(using: &random)
        arm(for: redialTime)
    }
}

// MARK: - Time limits, on the queue

extension RedisLine {
    /// One timer for all limits. It is set anew only for an earlier one, so it rings about once in a limit's time and
    /// never in an idle process that is connected.
    private func arm(for deadline: DispatchTime) {
        guard deadline < alarm else { return }
        alarm = deadline
        timer.schedule(deadline: deadline)
    }

    private func alarmed() {
        guard phase != .closed else { return }
        alarm = .distantFuture
        let now = DispatchTime.now()
        if isOverdue(at: now) { readLateReplies(until: now) }
        if isOverdue(at: now) { wire?.end("no reply within the time limit") }
        if phase == .dialling, now >= dialDeadline { giveUpDialling() }
        for entry in waiting.removeAll(where: { $0.deadline <= now }) {
            let reason = "no connection to \(address) within \(entry.request.patience): \(lastTrouble)"
            entry.request.waiter.resume(.failure(.unavailable(reason: reason)))
        }
        if phase == .pausing, now >= redialTime { dial() }
        let limits = [
            phase == .dialling ? dialDeadline : nil, phase == .pausing ? redialTime : nil,
            waiting.min { $0.deadline }, outstanding.min { $0.deadline },
        ]
        if let next = limits.compactMap({ $0 }).min() { arm(for: next) }
    }

    private func isOverdue(at now: DispatchTime) -> Bool {
        phase == .open && (outstanding.min { $0.deadline }).map { $0 <= now } == true
    }

    /// The process may have been stopped for longer than the limit, with the replies in the socket all the while.
    private func readLateReplies(until now: DispatchTime) {
        var before: Int
        repeat {
            before = outstanding.count
            wire?.read()
        } while isOverdue(at: now) && outstanding.count < before
    }

    private func giveUpDialling() {
        endpoints = []
        attempt += 1
        let reason = "no connection within \(settings.connectLimit)"
        if let wire { wire.end(reason) } else { ended(reason) }
    }
}

extension DispatchTime {
    /// Never overflows: a limit of centuries is as good as none.
    static func + (time: DispatchTime, duration: Duration) -> DispatchTime {
        let (seconds, attoseconds) = duration.components
        let (billions, overflows) = max(seconds, 0).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflows, billions < Int64.max / 4 else { return .distantFuture }
        let rest = max(attoseconds / 1_000_000_000, 0)
        return DispatchTime(uptimeNanoseconds: time.uptimeNanoseconds + UInt64(billions + rest))
    }
}
