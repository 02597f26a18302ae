package import PenstockRedis

/// A cluster of two nodes on 127.0.0.1, the first of which has all slots. They end with the last reference.
package final class TestCluster: Sendable {
    package struct Node: Sendable {
        package let redis: TestRedis
        package let port: UInt16
        package let client: RedisClient
        fileprivate let id: String
    }

    package let nodes: [Node]

    private init(_ nodes: [Node]) {
        self.nodes = nodes
    }

    package static func start(password: String? = nil) async throws -> TestCluster {
        var nodes: [Node] = []
        for _ in 0..<2 {
            let (port, bus) = (try TestRedis.freePort(), try TestRedis.freePort())
            let redis = try await TestRedis.start(
                port: port,
                options: ["--cluster-enabled", "yes", "--cluster-port", "\(bus)"]
                    // A node that has given its last slot away stays a master.
                    + ["--cluster-allow-replica-migration", "no"]
                    + (password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []),
                password: password)
            let client = RedisClient(redis.address)
            let id = try await client.send(RedisCommand("CLUSTER", "MYID")).asString ?? ""
            if let first = nodes.first {
                _ = try await first.client.send(
                    RedisCommand("CLUSTER", "MEET", "127.0.0.1", Int(port), Int(bus)))
            } else {
                _ = try await client.send(
                    RedisCommand("CLUSTER", "ADDSLOTSRANGE", 0, Int(RedisSlot.count) - 1))
            }
            nodes.append(Node(redis: redis, port: port, client: client, id: id))
        }
        let cluster = TestCluster(nodes)
        for node in nodes {
            try await until("the nodes know each other") {
                let facts = try await node.client.send(RedisCommand("CLUSTER", "INFO")).asString ?? ""
                return facts.contains("cluster_state:ok") && facts.contains("cluster_known_nodes:2")
            }
        }
        return cluster
    }

    /// An address that names these nodes.
    package func address(
        naming indices: [Int] = [0, 1], prefix: String, password: String? = nil
    ) throws -> RedisAddress {
        let hosts = indices.map { "127.0.0.1:\(nodes[$0].port)" }.joined(separator: ",")
        let secret = password.map { ":\($0)@" } ?? ""
        return try RedisAddress("redis+cluster://\(secret)\(hosts)").serving(prefix: prefix)
    }

    package func id(of index: Int) -> String { nodes[index].id }

    /// A prefix that no other test has, with a hash tag.
    package static func prefix() -> String { "{test\(UInt64.random(in: 0 ... .max))}:" }

    /// Begins to move a prefix's slot: it is still the node's, but its keys may go.
    package func beginToMove(_ prefix: String, from source: Int = 0, to target: Int = 1) async throws {
        let slot = try slot(of: prefix)
        try await set(slot, "IMPORTING", nodes[source].id, at: target)
        try await set(slot, "MIGRATING", nodes[target].id, at: source)
    }

    /// Moves the keys that are there now.
    package func moveKeys(_ prefix: String, from source: Int = 0, to target: Int = 1) async throws {
        let client = nodes[source].client
        let keys = try await client.send(
            RedisCommand("CLUSTER", "GETKEYSINSLOT", try slot(of: prefix), 10_000))
        let names = keys.asArray?.compactMap(\.asBytes) ?? []
        guard !names.isEmpty else { return }
        _ = try await client.send(
            RedisCommand(
                "MIGRATE", "127.0.0.1", Int(nodes[target].port), "", 0, 5_000, "KEYS", RedisArguments(names)))
    }

    /// Gives the slot, whose keys have gone, to the other node.
    package func endMove(_ prefix: String, from source: Int = 0, to target: Int = 1) async throws {
        let slot = try slot(of: prefix)
        try await set(slot, "NODE", nodes[target].id, at: target)
        try await set(slot, "NODE", nodes[target].id, at: source)
    }

    package func move(_ prefix: String, from source: Int = 0, to target: Int = 1) async throws {
        try await beginToMove(prefix, from: source, to: target)
        try await moveKeys(prefix, from: source, to: target)
        try await endMove(prefix, from: source, to: target)
    }

    private func set(_ slot: Int, _ state: String, _ id: String, at index: Int) async throws {
        _ = try await nodes[index].client.send(RedisCommand("CLUSTER", "SETSLOT", slot, state, id))
    }

    private func slot(of prefix: String) throws -> Int {
        guard let tag = RedisSlot.tag(of: prefix) else {
            throw TestServerError(description: "\(prefix) has no hash tag.")
        }
        return Int(RedisSlot.number(of: tag))
    }
}
