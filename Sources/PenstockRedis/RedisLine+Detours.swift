/// Commands that the server turned away undone, on the loop's thread.
extension RedisLine {
    func turnedAway(_ entry: Outstanding, _ detour: RedisDetour, _ message: String) {
        switch detour {
        case .later: entry.waiter.resume(.failure(.unavailable(reason: message)))
        case .elsewhere:
            entry.waiter.resume(.failure(.unavailable(reason: message)))
            part(because: message)
        case .moved(let node):
            if var request = entry.request, request.moves < RedisDetour.mostMoves {
                request.moves += 1
                homeless.append(request)
            } else {
                entry.waiter.resume(.failure(.unavailable(reason: message)))
            }
            destination = node
            part(because: message)
        case .ask(let node): entry.waiter.resume(ask(node, entry.request, message))
        }
    }

    /// Lets the connection go once all that was sent has its answer. Until then nothing more is sent: what follows the
    /// slot goes in its order.
    private func part(because reason: String) {
        if parting == nil { parting = reason }
    }

    func endIfParted() {
        if let parting, outstanding.isEmpty { wire?.end(parting) }
    }

    /// What was turned away goes first to the next server, before what has been asked for since.
    func keepHomeless() {
        guard !homeless.isEmpty else { return }
        let now = ContinuousClock.now
        let since = waiting.removeAll()
        for request in homeless { wait(with: request, from: now) }
        for entry in since { waiting.append(entry) }
        homeless = []
    }

    /// Asks the node to which the slot is being moved, for this command alone. It holds the line up for a few round trips,
    /// in a cluster that is being changed; what blocks on the server must not, and waits until the slot has moved.
    private func ask(
        _ node: RedisAddress.Node, _ request: RedisRequest?, _ message: String
    ) -> Result<RedisReply, RedisError> {
        guard let request, !request.command.isScript, !request.waiter.mayBlock else {
            return .failure(.unavailable(reason: message))
        }
        return Result { () throws(RedisError) in
            try RedisBlockingConnection.ask(node, request.command, as: address)
        }
    }
}
