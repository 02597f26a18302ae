import PenstockTesting
import Testing

@testable import PenstockRedis

@Suite struct RedisDetourTests {
    @Test(arguments: [
        "READONLY You can't write against a read only replica.",
        "LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "NOREPLICAS Not enough good replicas to write.", "CLUSTERDOWN The cluster is down",
        "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
        "ERR Error running script (call to f_12): @user_script:1: @user_script: 1: -READONLY You can't write",
    ])
    func `a server that takes no writes is left for another`(_ message: String) {
        #expect(RedisDetour(message, from: "h", inCluster: false) == .elsewhere)
    }

    @Test func `a moved slot is followed, and one that is being moved is waited for`() {
        func read(_ message: String) -> RedisDetour? { RedisDetour(message, from: "here", inCluster: true) }
        #expect(read("MOVED 3999 127.0.0.1:6381") == .moved(to: .init(host: "127.0.0.1", port: 6381)))
        #expect(read("MOVED 3999 :6381") == .moved(to: .init(host: "here", port: 6381)))
        #expect(read("ASK 3999 ::1:6381") == .ask(.init(host: "::1", port: 6381)))
        #expect(read("TRYAGAIN Multiple keys request during rehashing of slot") == .later)
    }

    @Test(arguments: ["MOVED 3999 127.0.0.1:6381", "ERR no", "WRONGTYPE x", "READONLYISH x", "NOSCRIPT x"])
    func `what is no detour is the command's own error`(_ message: String) {
        #expect(RedisDetour(message, from: "h", inCluster: false) == nil)
    }

    @Test(arguments: ["MOVED", "MOVED 3999", "MOVED 3999 h", "ASK 1 h:x", "ASK 1 h:1 more"])
    func `a redirection that cannot be read is an error like others`(_ message: String) {
        #expect(RedisDetour(message, from: "h", inCluster: true) == nil)
    }

    @Test func `a script is known from the wire`() {
        let script = RedisScript(name: "s", source: "return 1")
        let call = RedisScriptCall(script, keys: ["k"], arguments: [])
        #expect(script.text(for: .init(place: .unix(path: "/s"))).command(for: call).isScript)
        #expect(!RedisCommand("GET", "EVALSHA").isScript && !RedisCommand("PING").isScript)
    }

    @Test func `only a master is taken from the sentinels`() {
        let master = RedisReply.array([.bytes(Array("master".utf8)), .integer(0), .array([])])
        let replica = RedisReply.array([.bytes(Array("slave".utf8)), .bytes(Array("h".utf8)), .integer(1)])
        #expect(RedisGreeting.role.verdict(on: master) == .goOn)
        #expect(
            RedisGreeting.role.verdict(on: replica)
                == .later("the server that the sentinels name is no master"))
        #expect(RedisGreeting.role.verdict(on: .error("NOPERM no")) == .goOn)
    }

    @Test func `what a replica answers had no effect, and the connection is made anew`() async throws {
        let pong = ScriptedServer.Answer.text("+PONG\r\n")
        let readOnly = ScriptedServer.Answer.text(
            "-READONLY You can't write against a read only replica.\r\n")
        let server = try ScriptedServer([[pong, readOnly], [pong, .text(":1\r\n"), .silence]])
        defer { withExtendedLifetime(server) {} }
        let client = RedisClient(server.address)
        let error = await #expect(throws: RedisError.self) {
            try await client.send(RedisCommand("INCR", "x"))
        }
        #expect(error == .unavailable(reason: "READONLY You can't write against a read only replica."))
        #expect(try await client.send(RedisCommand("INCR", "x")) == .integer(1))
        #expect(client.state == .connected(generation: 2))
    }

    @Test func `what was sent before the refusal is answered before the connection is let go`() async throws {
        let pong = ScriptedServer.Answer.text("+PONG\r\n")
        let mixed = ScriptedServer.Answer.text(":1\r\n-READONLY no\r\n$1\r\na\r\n-ERR own\r\n")
        let server = try ScriptedServer([[pong, mixed], [pong, .silence]])
        defer { withExtendedLifetime(server) {} }
        let client = RedisClient(server.address)
        let results = await client.sendAll((0..<4).map { _ in RedisCommand("ANY") })
        #expect(
            results == [
                .success(.integer(1)), .failure(.unavailable(reason: "READONLY no")),
                .success(.bytes(Array("a".utf8))), .failure(.refused(message: "ERR own")),
            ])
    }

    @Test func `a master that becomes a replica is left, by all kinds of connections`() async throws {
        let port = try TestRedis.freePort()
        let other = try await TestRedis.start(port: port)
        defer { withExtendedLifetime(other) {} }
        let redis = try await TestRedis.start()
        let name = "waits"
        let admin = RedisClient(redis.address)
        let client = RedisClient(redis.address)
        let listener = RedisConnection(redis.address, settings: RedisSettings(clientName: name))
        let blocking = RedisBlockingConnection(redis.address)
        let script = RedisScript(name: "incr", source: "return redis.call('INCR', KEYS[1])")
        #expect(try await client.run(script, keys: ["n"]) == .integer(1))
        #expect(try blocking.run(script, keys: ["n"]) == .integer(2))
        async let waiting = Outcome { () async throws(RedisError) in
            try await listener.send(
                RedisCommand("BLMOVE", "q", "q", "RIGHT", "RIGHT", 0), limit: .seconds(60))
        }
        try await admin.wait(until: name, isAt: "blmove")
        _ = try await admin.send(RedisCommand("REPLICAOF", "127.0.0.1", Int(port)))
        #expect(await waiting == .unavailable)
        let incr = RedisCommand("INCR", "n")
        #expect(
            await Outcome { () async throws(RedisError) in try await client.send(incr) } == .unavailable)
        #expect(
            await Outcome { () async throws(RedisError) in try await client.run(script, keys: ["n"]) }
                == .unavailable)
        #expect(await Outcome { () throws(RedisError) in try blocking.send(incr) } == .unavailable)
        _ = try await admin.send(RedisCommand("REPLICAOF", "NO", "ONE"))
        _ = try await client.send(RedisCommand("SET", "n", 5))
        #expect(try await client.run(script, keys: ["n"]) == .integer(6))
        #expect(try blocking.send(incr) == .integer(7))
    }
}
