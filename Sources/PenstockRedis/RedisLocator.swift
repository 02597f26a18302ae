import Dispatch

/// Finds the server that an address means now. It is asked for each connection, because after a failover that is another one.
struct RedisLocator: Sendable {
    let address: RedisAddress
    /// How long sentinels or nodes may take to answer, all together.
    let limit: Duration

    /// Finds it on a thread that may block.
    func find(then: @escaping @Sendable (Result<[RedisEndpoint], RedisUnreachable>) -> Void) {
        if case .unix(let path) = address.place { return then(.success([.unix(path: path)])) }
        DispatchQueue.global().async { then(Result { () throws(RedisUnreachable) in try find() }) }
    }

    /// Blocks for up to the limit, and for as long as the system takes to look up a host's name.
    func find() throws(RedisUnreachable) -> [RedisEndpoint] {
        switch address.place {
        case .unix(let path): return [.unix(path: path)]
        case .tcp(let host, let port): return try RedisEndpoint.lookUp(host: host, port: port)
        case .sentinels(let sentinels, let name):
            let master = try firstAnswer(of: sentinels) { sentinel throws(RedisUnreachable) in
                try self.master(name, accordingTo: sentinel)
            }
            return try RedisEndpoint.lookUp(host: master.host, port: master.port)
        case .cluster(let nodes, let slot):
            let owner = try firstAnswer(of: nodes) { node throws(RedisUnreachable) in
                try self.owner(of: slot, accordingTo: node)
            }
            return try RedisEndpoint.lookUp(host: owner.host, port: owner.port)
        }
    }

    /// In an order of chance, so that one which is dead, or behind the others, is not always the first.
    private func firstAnswer(
        of nodes: [RedisAddress.Node],
        _ ask: (RedisAddress.Node) throws(RedisUnreachable) -> RedisAddress.Node
    ) throws(RedisUnreachable) -> RedisAddress.Node {
        var troubles: [String] = []
        for node in nodes.shuffled() {
            do throws(RedisUnreachable) {
                return try ask(node)
            } catch {
                troubles.append(error.reason)
            }
        }
        throw RedisUnreachable(reason: troubles.joined(separator: "; "))
    }

    private func master(
        _ name: String, accordingTo sentinel: RedisAddress.Node
    ) throws(RedisUnreachable) -> RedisAddress.Node {
        let command = RedisCommand("SENTINEL", "get-master-addr-by-name", name)
        // Most sentinels want no password; one that does is given ours.
        let nobody = RedisAddress(place: .tcp(host: sentinel.host, port: sentinel.port))
        var result = ask(nobody, command)
        if case .failure(let error) = result, error.code == "NOAUTH", address.password != nil {
            var ourselves = address.at(sentinel)
            ourselves.database = 0
            result = ask(ourselves, command)
        }
        let reply = try Self.reply(result, of: sentinel)
        guard !reply.isNull else {
            throw RedisUnreachable(reason: "the sentinel \(sentinel) watches no master named \"\(name)\"")
        }
        let parts = reply.asArray ?? []
        guard parts.count == 2, let host = parts[0].asString,
            let port = parts[1].asInt.flatMap({ UInt16(exactly: $0) })
        else {
            throw RedisUnreachable(
                reason: "\(sentinel) was to name the master's host and port, and answered \(reply)")
        }
        return RedisAddress.Node(host: host, port: port)
    }

    private func owner(
        of slot: UInt16, accordingTo node: RedisAddress.Node
    ) throws(RedisUnreachable) -> RedisAddress.Node {
        let reply = try Self.reply(ask(address.at(node), RedisCommand("CLUSTER", "SLOTS")), of: node)
        // Each: first slot, last slot, then the nodes that have them, the master first.
        for range in reply.asArray ?? [] {
            guard let parts = range.asArray, parts.count >= 3, let first = parts[0].asInt,
                let last = parts[1].asInt, first <= last, first...last ~= Int(slot),
                let master = parts[2].asArray, master.count >= 2,
                let port = master[1].asInt.flatMap({ UInt16(exactly: $0) })
            else { continue }
            let host = master[0].asString ?? ""
            // Without a host it is the one that was asked, by the name under which we know it.
            return RedisAddress.Node(host: host.isEmpty || host == "?" ? node.host : host, port: port)
        }
        throw RedisUnreachable(reason: "according to \(node) no node of the cluster serves slot \(slot)")
    }

    private func ask(_ address: RedisAddress, _ command: RedisCommand) -> Result<RedisReply, RedisError> {
        let share = limit / (nodeCount + 1)
        let connection = RedisBlockingConnection(
            address, settings: RedisSettings(connectLimit: share, commandLimit: share))
        defer { connection.close() }
        return Result { () throws(RedisError) in try connection.send(command) }
    }

    private static func reply(
        _ result: Result<RedisReply, RedisError>, of node: RedisAddress.Node
    ) throws(RedisUnreachable) -> RedisReply {
        switch result {
        case .success(let reply): return reply
        // It names the server.
        case .failure(.unavailable(let reason)): throw RedisUnreachable(reason: reason)
        case .failure(let error): throw RedisUnreachable(reason: "\(node): \(error.reason)")
        }
    }

    /// Of those that are asked in turn; one more share of the limit is left for connecting to the one that they name.
    private var nodeCount: Int {
        switch address.place {
        case .sentinels(let nodes, _), .cluster(let nodes, _): nodes.count
        case .tcp, .unix: 0
        }
    }
}
