import PenstockRedis
import PenstockTesting
import Testing

@Suite struct RedisReconnectionTests {
    let quick = RedisSettings(connectLimit: .milliseconds(300), commandLimit: .milliseconds(300))
    let name = "penstock-test-\(UInt64.random(in: 0 ... .max))"

    @Test func `a connection killed in the middle of a command leaves its effect unknown, and is made anew`()
        async throws
    {
        let shared = try await TestRedis.shared
        let client = RedisClient(shared.address, settings: RedisSettings(clientName: name))
        let admin = RedisClient(shared.address)
        let key = TestRedis.prefix() + "none"
        try await client.connect()
        var states = client.states().makeAsyncIterator()
        #expect(await states.next() == .connected(generation: 1))
        async let outcome = Outcome { () async throws(RedisError) in
            try await client.send(RedisCommand("BLPOP", key, 0))
        }
        try await admin.wait(until: name, isAt: "blpop")
        try await admin.kill(name)
        #expect(await outcome == .unknownEffect)
        guard case .lost = await states.next() else {
            Issue.record("the loss was not told")
            return
        }
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        #expect(await states.next() == .connected(generation: 2))
        #expect(client.state == .connected(generation: 2))
        #expect(try await admin.clients().contains(name))
    }

    @Test func `a rebuilt connection is another one`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let first = try await client.send(RedisCommand("CLIENT", "ID"))
        client.rebuild()
        #expect(try await client.send(RedisCommand("CLIENT", "ID")) != first)
        #expect(client.state == .connected(generation: 2))
    }

    @Test func `nobody at the address is told within the limit`() async throws {
        let port = try TestRedis.freePort()
        for text in [
            "redis+unix:///tmp/penstock-no-such.sock", "redis://127.0.0.1:\(port)",
            "redis://localhost:\(port)",
        ] {
            let client = RedisClient(try RedisAddress(text), settings: quick)
            let clock = ContinuousClock()
            let took = await clock.measure {
                let error = await #expect(throws: RedisError.self) {
                    try await client.send(RedisCommand("PING"))
                }
                guard case .unavailable(let reason) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(reason.contains("No such file") || reason.contains("refused"), "\(reason)")
            }
            #expect(took > .milliseconds(290))
        }
    }

    @Test func `a host that does not exist is told`() async throws {
        let client = RedisClient(try RedisAddress("redis://no-such-host.invalid"), settings: quick)
        #expect(
            await Outcome { () async throws(RedisError) in try await client.send(RedisCommand("PING")) }
                == .unavailable)
    }

    @Test func `a server that comes up while a command waits gets it`() async throws {
        let redis = try await TestRedis.start()
        redis.kill()
        let client = RedisClient(redis.address)
        async let reply = client.send(RedisCommand("PING"))
        try await redis.restart()
        #expect(try await reply == .status("PONG"))
    }

    @Test func `a server that falls silent is given up after the limit, and used again when it wakes`()
        async throws
    {
        let redis = try await TestRedis.start()
        let client = RedisClient(redis.address, settings: quick)
        try await client.connect()
        redis.suspend()
        let took = await ContinuousClock().measure {
            let error = await #expect(throws: RedisError.self) {
                try await client.send(RedisCommand("INCR", "x"))
            }
            #expect(error == .unknownEffect(reason: "no reply within the time limit"))
        }
        #expect(took > .milliseconds(290))
        #expect(
            await Outcome { () async throws(RedisError) in try await client.send(RedisCommand("PING")) }
                == .unavailable)
        redis.resume()
        var states = client.states().makeAsyncIterator()
        while let state = await states.next() {
            if case .connected = state { break }
        }
        // Sent once; whether it was carried out is the server's to say.
        #expect(try await client.send(RedisCommand("GET", "x")).asInt == 1)
    }

    @Test func `many callers all learn of a crash`() async throws {
        let redis = try await TestRedis.start()
        let client = RedisClient(redis.address, settings: quick)
        try await client.connect()
        redis.suspend()
        await withTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    await Outcome { () async throws(RedisError) in
                        try await client.send(RedisCommand("INCR", "x"))
                    }
                }
            }
            redis.kill()
            for await outcome in group { #expect(outcome == .unknownEffect || outcome == .unavailable) }
        }
    }
}
