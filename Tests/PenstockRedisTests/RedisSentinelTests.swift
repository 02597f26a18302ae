import PenstockRedis
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisSentinelTests {
    let script = RedisScript(name: "set", source: "return redis.call('SET', KEYS[1], ARGV[1])")
    let quick = RedisSettings(connectLimit: .seconds(1), commandLimit: .milliseconds(300))

    /// The port of the server at the other end.
    private func port(_ client: RedisClient) async throws -> Int? {
        try await client.send(RedisCommand("CONFIG", "GET", "port")).asArray?.last?.asInt
    }

    @Test func `after a failover commands, scripts and listeners go on at the new master`() async throws {
        let sentinels = try await TestSentinels.start()
        // The first sentinel is not there.
        let address = try sentinels.address(after: [try TestRedis.freePort()])
        let client = RedisClient(address)
        let blocking = RedisBlockingConnection(address)
        let listener = RedisConnection(address)
        _ = try await client.run(script, keys: ["a"], arguments: ["before"])
        _ = try blocking.run(script, keys: ["b"], arguments: ["before"])
        _ = try await listener.send(RedisCommand("PING"), limit: .seconds(5))
        #expect(try await client.send(RedisCommand("WAIT", 1, 9_000)) == .integer(1))
        try await sentinels.failOver()
        try await until("the client's write is taken") {
            await Outcome { () async throws(RedisError) in
                try await client.run(script, keys: ["a"], arguments: ["after"])
            } == .answered
        }
        #expect(try await port(client) == Int(sentinels.secondPort))
        try await until("the blocking connection's write is taken") {
            await Outcome { () throws(RedisError) in
                try blocking.run(script, keys: ["b"], arguments: ["after"])
            } == .answered
        }
        try await until("the listener listens") {
            await Outcome { () async throws(RedisError) in
                try await listener.send(
                    RedisCommand("BLMOVE", "q", "q", "RIGHT", "RIGHT", "0.01"), limit: .seconds(5))
            } == .answered
        }
        let second = RedisClient(sentinels.second.address)
        #expect(
            try await second.send(RedisCommand("MGET", "a", "b")).asArray?.map(\.asString) == [
                "after", "after",
            ])
    }

    @Test func `a master that is killed is replaced, and the commands that wait are sent to the new one`()
        async throws
    {
        let sentinels = try await TestSentinels.start()
        let client = RedisClient(try sentinels.address(), settings: RedisSettings(commandLimit: .seconds(60)))
        try await client.connect()
        sentinels.first.kill()
        var states = client.states().makeAsyncIterator()
        while case .connected? = await states.next() {}
        // It waits until there is a master.
        #expect(try await client.send(RedisCommand("SET", "x", 1)) == .status("OK"))
        #expect(try await port(client) == Int(sentinels.secondPort))
    }

    @Test func `a master that the sentinels do not know is told in a sentence`() async throws {
        let sentinels = try await TestSentinels.start()
        let address = try sentinels.address(master: "nobody")
        let sentence = "the sentinel 127.0.0.1:\(sentinels.sentinelPort) watches no master named \"nobody\""
        let blocking = RedisBlockingConnection(address)
        let ping = RedisCommand("PING")
        #expect(throws: RedisError.unavailable(reason: "no connection to \(address): \(sentence)")) {
            try blocking.send(ping)
        }
        let client = RedisClient(address, settings: quick)
        let error = await #expect(throws: RedisError.self) { try await client.send(ping) }
        guard case .unavailable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.hasSuffix(sentence), "\(reason)")
    }

    @Test func `a sentinel that takes a replica for the master is not believed`() async throws {
        let sentinels = try await TestSentinels.start()
        let (misled, port) = try await sentinels.startMisledSentinel()
        defer { withExtendedLifetime(misled) {} }
        let both = try sentinels.address(after: [port])
        for _ in 1...8 {
            let client = RedisClient(both)
            let role = try await client.send(RedisCommand("ROLE")).asArray?.first?.asString
            #expect(role == "master")
            await client.close()
        }
        let alone = RedisBlockingConnection(
            try RedisAddress("redis+sentinel://127.0.0.1:\(port)/\(TestSentinels.name)"))
        let error = #expect(throws: RedisError.self) { try alone.send(RedisCommand("PING")) }
        #expect("\(String(describing: error))".contains("the server that the sentinels name is no master"))
    }

    @Test func `without any sentinel each one's trouble is told`() async throws {
        let ports = [try TestRedis.freePort(), try TestRedis.freePort()]
        let address = try RedisAddress("redis+sentinel://127.0.0.1:\(ports[0]),127.0.0.1:\(ports[1])/m")
        let blocking = RedisBlockingConnection(address)
        let error = #expect(throws: RedisError.self) { try blocking.send(RedisCommand("PING")) }
        guard case .unavailable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        for port in ports {
            #expect(reason.contains("127.0.0.1:\(port)") && reason.contains("refused"), "\(reason)")
        }
    }

    @Test(arguments: [false, true])
    func `the password is told to a sentinel only if it asks for one`(_ asks: Bool) async throws {
        let sentinels = try await TestSentinels.start(password: "hush", sentinelAsksToo: asks)
        let address = try sentinels.address(password: "hush")
        #expect(try await RedisClient(address).send(RedisCommand("PING")) == .status("PONG"))
        // A sentinel without a password refuses whoever shows one.
        let sentinel = sentinels.sentinel.address.place
        let shown = RedisBlockingConnection(RedisAddress(place: sentinel, password: "hush"))
        let ping = RedisCommand("PING")
        #expect(
            await Outcome { () throws(RedisError) in try shown.send(ping) } == (asks ? .answered : .refused))
        let wrong = try sentinels.address(password: "wrong")
        let refused = #expect(throws: RedisError.self) {
            try RedisBlockingConnection(wrong).send(RedisCommand("PING"))
        }
        #expect(!"\(String(describing: refused))".contains("wrong\""))
    }
}
