import Foundation
package import PenstockRedis

/// A master with a replica on 127.0.0.1, and a sentinel that watches them. All end with the last reference.
package final class TestSentinels: Sendable {
    package static let name = "mymaster"
    /// How long the master has to be silent before the sentinel takes it for dead.
    private static let downAfter = Duration.milliseconds(500)

    /// The first master.
    package let first: TestRedis
    package let second: TestRedis
    package let secondPort: UInt16
    package let sentinel: TestRedis
    package let sentinelPort: UInt16

    private init(
        first: TestRedis, second: TestRedis, secondPort: UInt16, sentinel: TestRedis, sentinelPort: UInt16
    ) {
        self.first = first
        self.second = second
        self.secondPort = secondPort
        self.sentinel = sentinel
        self.sentinelPort = sentinelPort
    }

    /// Ready to fail over when this returns. `password` is that of the servers, and of the sentinel too if it `asksToo`.
    package static func start(password: String? = nil, sentinelAsksToo: Bool = false) async throws
        -> TestSentinels
    {
        let (firstPort, secondPort) = (try TestRedis.freePort(), try TestRedis.freePort())
        let secrets = password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
        let first = try await TestRedis.start(
            port: firstPort, options: ["--repl-diskless-sync-delay", "0"] + secrets, password: password)
        let second = try await TestRedis.start(
            port: secondPort,
            options: ["--replicaof", "127.0.0.1", "\(firstPort)", "--repl-diskless-sync-delay", "0"]
                + secrets,
            password: password)
        let client = RedisClient(first.address)
        defer { withExtendedLifetime(client) {} }
        try await until("the replica has what the master has") {
            _ = try await client.send(RedisCommand("SET", "replicated", "yes"))
            return try await client.send(RedisCommand("WAIT", 1, 100)) == .integer(1)
        }
        let sentinelPort = try TestRedis.freePort()
        let sentinel = try await startSentinel(
            at: sentinelPort, watching: firstPort, password: password, asking: sentinelAsksToo)
        let sentinels = TestSentinels(
            first: first, second: second, secondPort: secondPort, sentinel: sentinel,
            sentinelPort: sentinelPort)
        try await sentinels.awaitReplica()
        return sentinels
    }

    private static func startSentinel(
        at port: UInt16, watching master: UInt16, password: String?, asking: Bool
    ) async throws -> TestRedis {
        let folder = try ScratchFolders.make(for: "sentinel")
        let lines = [
            "port \(port)", "bind 127.0.0.1", "dir \(folder)", "daemonize no",
            "sentinel monitor \(name) 127.0.0.1 \(master) 1",
            "sentinel down-after-milliseconds \(name) \(downAfter / .milliseconds(1))",
            "sentinel failover-timeout \(name) 5000",
            password.map { "sentinel auth-pass \(name) \($0)" },
            asking ? password.map { "requirepass \($0)" } : nil,
        ].compactMap { $0 }
        let path = folder + "/sentinel.conf"
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let server = ServerProcess(["redis-server", path, "--sentinel"], in: folder)
        try server.start()
        let address = RedisAddress(
            place: .tcp(host: "127.0.0.1", port: port), password: asking ? password : nil)
        let sentinel = TestRedis(address, server)
        try await sentinel.waitUntilReady()
        return sentinel
    }

    /// The address that names the sentinel, behind others.
    package func address(
        after others: [UInt16] = [], master: String = TestSentinels.name, password: String? = nil
    ) throws -> RedisAddress {
        let hosts = (others + [sentinelPort]).map { "127.0.0.1:\($0)" }.joined(separator: ",")
        let secret = password.map { ":\($0)@" } ?? ""
        return try RedisAddress("redis+sentinel://\(secret)\(hosts)/\(master)")
    }

    /// Another sentinel, which takes the replica for the master, with its port.
    package func startMisledSentinel() async throws -> (sentinel: TestRedis, port: UInt16) {
        let port = try TestRedis.freePort()
        let sentinel = try await Self.startSentinel(
            at: port, watching: secondPort, password: nil, asking: false)
        return (sentinel, port)
    }

    /// Has the sentinel make the replica the master, and returns when the first one has become a replica. Until then it takes
    /// writes that are lost.
    package func failOver() async throws {
        let client = RedisClient(sentinel.address)
        try await until("the sentinel begins to fail over") {
            do {
                return try await client.send(RedisCommand("SENTINEL", "FAILOVER", Self.name)) == .status("OK")
            } catch RedisError.refused {
                return false
            }
        }
        try await awaitSecond()
        let first = RedisClient(first.address)
        try await until("the first master is a replica") {
            do {
                return try await first.send(RedisCommand("ROLE")).asArray?.first?.asString == "slave"
            } catch RedisError.unknownEffect {
                // The sentinel cuts all connections.
                return false
            }
        }
    }

    /// Returns when the sentinel names the second server as the master.
    package func awaitSecond() async throws {
        let client = RedisClient(sentinel.address)
        let port = Int(secondPort)
        try await until("the replica is made the master") {
            let reply = try await client.send(
                RedisCommand("SENTINEL", "get-master-addr-by-name", Self.name))
            return reply.asArray?.last?.asInt == port
        }
    }

    private func awaitReplica() async throws {
        let client = RedisClient(sentinel.address)
        try await until("the sentinel knows the replica") {
            try await client.send(RedisCommand("SENTINEL", "replicas", Self.name)).asArray?.count == 1
        }
    }
}

/// Asks until it is so; what servers do among themselves nobody is told of.
package func until(
    _ what: String, isolation: isolated (any Actor)? = #isolation, _ isSo: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !isSo() {
        guard .now < deadline else { throw TestServerError(description: "It never came about: \(what).") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
