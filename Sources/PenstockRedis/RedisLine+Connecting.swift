/// Connecting, greeting and pausing, on the loop's thread.
extension RedisLine {
    func dial() {
        phase = .dialling
        attempt += 1
        dialDeadline = .now + settings.connectLimit
        arm(for: dialDeadline)
        let target = destination.take().map { address.at($0) } ?? address
        RedisLocator(address: target, limit: settings.connectLimit).find { [self, attempt] found in
            post(.found(found, attempt: attempt))
        }
    }

    /// The addresses are known; the thread's turn goes on with the first of them.
    func dial(_ found: Result<[RedisEndpoint], RedisUnreachable>, _ attempt: Int) {
        guard attempt == self.attempt, phase == .dialling else { return }
        switch found {
        case .success(let found): endpoints = found[...]
        case .failure(let error): ended(error.reason)
        }
    }

    func connect(to endpoint: RedisEndpoint) {
        if case .numeric(let host, _) = endpoint { self.host = host }
        let wire = RedisWire(line: self)
        self.wire = wire
        if let reason = wire.start(endpoint) { ended(reason) }
    }

    /// The connection stands, but nobody has been let in yet. Called from within hiredis, which then writes.
    func connected() {
        for (greeting, command) in RedisGreeting.commands(for: address, named: settings.clientName) {
            guard wire?.submit(command) == true else { return }
            outstanding.append(
                Outstanding(waiter: .greeting(greeting), deadline: dialDeadline, request: nil))
        }
    }

    func greeted(_ verdict: RedisGreeting.Verdict) {
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
        backoff.reset()
        states.connected()
        // They leave with the flush of the next turn.
        let now = ContinuousClock.now
        for entry in waiting.removeAll() { take(entry.request, at: now) }
    }

    func pause() {
        guard staysConnected || !waiting.isEmpty else {
            phase = .idle
            return
        }
        phase = .pausing
        var random = SystemRandomNumberGenerator()
        redialTime = .now + backoff.next(using: &random)
        arm(for: redialTime)
    }

    func giveUpDialling() {
        endpoints = []
        // An answer of the name server that comes now is too late.
        attempt += 1
        let reason = "no connection within \(settings.connectLimit)"
        if let wire { wire.end(reason) } else { ended(reason) }
    }
}
