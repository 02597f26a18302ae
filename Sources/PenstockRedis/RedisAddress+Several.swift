/// Addresses that name several servers, of which one is to be talked to.
extension RedisAddress {
    /// A server, by its host and port.
    package struct Node: Hashable, Sendable {
        package var host: String
        package var port: UInt16

        package init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    /// The address for one whose keys all begin with `prefix`. In a cluster that says which node to talk to: the one with the slot
    /// of the prefix's hash tag. Elsewhere it is the same address.
    ///
    /// - Throws: A sentence, if it is a cluster and the prefix has no hash tag: the keys would be in many slots.
    package func serving(prefix: String) throws(RedisAddressError) -> RedisAddress {
        guard case .cluster(let nodes, _) = place else { return self }
        guard let tag = RedisSlot.tag(of: prefix) else {
            throw RedisAddressError(
                "In a cluster all keys have to be in one slot, so their prefix has to hold a hash tag, as in {penstock}:, "
                    + "and \"\(prefix)\" holds none.")
        }
        return at(.cluster(nodes, slot: RedisSlot.number(of: tag)))
    }

    package var isCluster: Bool {
        if case .cluster = place { true } else { false }
    }

    /// The same user, on another server.
    func at(_ place: Place) -> RedisAddress {
        var address = self
        address.place = place
        return address
    }

    func at(_ node: Node) -> RedisAddress { at(.tcp(host: node.host, port: node.port)) }
}

extension RedisAddress.Node: CustomStringConvertible {
    package var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}

// MARK: - Parsing

extension RedisAddress {
    private static let sentinelPort: UInt16 = 26379
    private static let clusterPort: UInt16 = 6379
    private static let sentinelForm = "redis+sentinel://host:26379,host:26379/mymaster/0"
    private static let clusterForm = "redis+cluster://host:6379,host:6379"

    init(sentinels rest: Substring) throws(RedisAddressError) {
        let (credentials, servers, path) = try Self.parts(rest, of: "redis+sentinel", like: Self.sentinelForm)
        guard let path, !path[0].isEmpty else {
            throw RedisAddressError(
                "A redis+sentinel:// address names the master behind the sentinels, as in \(Self.sentinelForm): "
                    + "there is no name.")
        }
        guard path.count <= 2 else {
            throw RedisAddressError(
                "Behind the sentinels come the master's name and at most a database, as in \(Self.sentinelForm), "
                    + "not \(path.count) parts.")
        }
        let nodes = try Self.nodes(servers, port: Self.sentinelPort, in: "redis+sentinel")
        self.init(
            place: .sentinels(nodes, master: try Self.decoded(path[0], "master's name")),
            database: path.count == 2 ? try Self.database(path[1]) : 0)
        try setCredentials(credentials)
    }

    /// The slot is the first one until ``serving(prefix:)`` tells which.
    init(cluster rest: Substring) throws(RedisAddressError) {
        let (credentials, servers, path) = try Self.parts(rest, of: "redis+cluster", like: Self.clusterForm)
        if let path {
            let number = try path.count == 1 ? Self.database(path[0]) : nil
            guard number == 0 else {
                throw RedisAddressError(
                    "A cluster has the database 0 alone, as in \(Self.clusterForm), "
                        + (number.map { "not \($0)." }
                            ?? "and here stand \(path.count) parts behind the nodes."))
            }
        }
        let nodes = try Self.nodes(servers, port: Self.clusterPort, in: "redis+cluster")
        self.init(place: .cluster(nodes, slot: 0))
        try setCredentials(credentials)
    }

    /// The path is what stands between slashes behind the servers; `nil` if there is none.
    private static func parts(
        _ rest: Substring, of scheme: String, like form: String
    ) throws(RedisAddressError) -> (credentials: Substring?, servers: Substring, path: [Substring]?) {
        guard !rest.contains("?") else {
            throw RedisAddressError("A \(scheme):// address takes no '?': it is like \(form).")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (credentials, servers) = splitCredentials(rest[..<slash])
        let path = rest[slash...].dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return (credentials, servers, slash == rest.endIndex ? nil : path)
    }

    private static func nodes(
        _ text: Substring, port: UInt16, in scheme: String
    ) throws(RedisAddressError) -> [Node] {
        var nodes: [Node] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let node = try node(part, port: port, in: scheme)
            if !nodes.contains(node) { nodes.append(node) }
        }
        return nodes
    }
}
