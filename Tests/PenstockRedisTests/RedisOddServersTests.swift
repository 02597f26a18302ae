import PenstockRedis
import PenstockTesting
import Testing

@Suite struct RedisOddServersTests {
    private let pong = ScriptedServer.Answer.text("+PONG\r\n")

    @Test func `a server that is loading its data is not connected yet`() async throws {
        let loading = ScriptedServer.Answer.text("-LOADING Redis is loading the dataset in memory\r\n")
        let server = try ScriptedServer([[loading], [loading], [pong, .text(":1\r\n"), .silence]])
        defer { withExtendedLifetime(server) {} }
        let client = RedisClient(server.address)
        #expect(try await client.send(RedisCommand("INCR", "x")) == .integer(1))
        #expect(client.state == .connected(generation: 1))
    }

    @Test func `a blocking connection does not wait until the data is loaded`() async throws {
        let server = try ScriptedServer([[.text("-LOADING Redis is loading the dataset in memory\r\n")]])
        defer { withExtendedLifetime(server) {} }
        let blocking = RedisBlockingConnection(server.address)
        let ping = RedisCommand("PING")
        #expect(await Outcome { () throws(RedisError) in try blocking.send(ping) } == .unavailable)
    }

    @Test(arguments: [
        "$100\r\nhalf of it", "*3\r\n:1\r\n$", "", "no reply at all\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
    ])
    func `a reply that does not end well leaves the effect unknown`(_ text: String) async throws {
        let server = try ScriptedServer([[pong, .text(text)], [pong, .text("+OK\r\n")]])
        defer { withExtendedLifetime(server) {} }
        let client = RedisClient(server.address)
        let command = RedisCommand("INCR", "x")
        #expect(
            await Outcome { () async throws(RedisError) in try await client.send(command) } == .unknownEffect)
        #expect(try await client.send(RedisCommand("SET", "x", 1)) == .status("OK"))
        let other = try ScriptedServer([[pong, .text(text)]])
        defer { withExtendedLifetime(other) {} }
        let blocking = RedisBlockingConnection(other.address)
        #expect(await Outcome { () throws(RedisError) in try blocking.send(command) } == .unknownEffect)
    }

    @Test func `the replies before the cut are handed out, the others are unknown`() async throws {
        let server = try ScriptedServer([[pong, .text(":1\r\n:2\r\n$9\r\ncut")]])
        defer { withExtendedLifetime(server) {} }
        let client = RedisClient(server.address)
        let results = await client.sendAll((0..<4).map { _ in RedisCommand("INCR", "x") })
        #expect(results.prefix(2) == [.success(.integer(1)), .success(.integer(2))])
        for case .success in results.dropFirst(2) { Issue.record("a reply that never came") }
    }

    @Test func `a server that accepts and says nothing is not connected`() async throws {
        let server = try ScriptedServer([[.silence], [pong, pong]])
        defer { withExtendedLifetime(server) {} }
        let client = RedisClient(server.address, settings: RedisSettings(connectLimit: .milliseconds(100)))
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
    }

    @Test func `a script's reply that nests too deep costs the connection, and says why`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let error = await #expect(throws: RedisError.self) {
            try await client.send(RedisCommand("EVAL", "return {{{{{{{{{1}}}}}}}}}", 0))
        }
        guard case .unknownEffect(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("depth > 7"))
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
    }
}
