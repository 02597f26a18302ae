import PenstockRedis
import PenstockTesting
import Testing

@Suite struct RedisScriptTests {
    let script = RedisScript(
        name: "add", source: "-- \(TestRedis.prefix())\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])")

    private func loads(_ client: RedisClient) async throws -> Int {
        let stats = try await client.send(RedisCommand("INFO", "commandstats")).asString ?? ""
        guard let line = stats.split(separator: "\r\n").first(where: { $0.hasPrefix("cmdstat_script|load:") })
        else {
            return 0
        }
        return Int(line.dropFirst("cmdstat_script|load:calls=".count).prefix { $0 != "," }) ?? 0
    }

    @Test func `the digest is the one that Redis gives`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let reply = try await client.send(RedisCommand("SCRIPT", "LOAD", script.source))
        #expect(reply.asString == script.digest)
    }

    @Test func `a script is given once to a server that does not know it, for many callers`() async throws {
        let redis = try await TestRedis.start()
        let client = RedisClient(redis.address)
        var expected = 0
        for loss in 1...3 {
            try await withThrowingTaskGroup { group in
                for _ in 0..<100 {
                    group.addTask { _ = try await client.run(script, keys: ["sum"], arguments: [2]) }
                }
                try await group.waitForAll()
            }
            expected += 200
            #expect(try await client.send(RedisCommand("GET", "sum")).asInt == expected)
            #expect(try await loads(client) == loss)
            _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
        }
    }

    @Test func `a script runs on a server that forgets it all the time`() async throws {
        let redis = try await TestRedis.start()
        try await withThrowingTaskGroup { group in
            let forgetter = RedisClient(redis.address)
            group.addTask {
                let flushes = Array(repeating: RedisCommand("SCRIPT", "FLUSH"), count: 50)
                while !Task.isCancelled {
                    for answer in await forgetter.sendAll(flushes) { _ = try answer.get() }
                }
            }
            try await withThrowingTaskGroup { callers in
                for _ in 0..<8 {
                    let client = RedisClient(redis.address)
                    callers.addTask {
                        for _ in 0..<200 { _ = try await client.run(script, keys: ["sum"], arguments: [1]) }
                    }
                }
                let blocking = RedisBlockingConnection(redis.address)
                for _ in 0..<200 { _ = try blocking.run(script, keys: ["sum"], arguments: [1]) }
                try await callers.waitForAll()
            }
            #expect(try await forgetter.send(RedisCommand("GET", "sum")).asInt == 1800)
            group.cancelAll()
        }
    }

    @Test func `a script survives the server's restart`() async throws {
        let redis = try await TestRedis.start()
        let client = RedisClient(redis.address)
        let blocking = RedisBlockingConnection(redis.address)
        #expect(try await client.run(script, keys: ["sum"], arguments: [1]) == .integer(1))
        #expect(try blocking.run(script, keys: ["sum"], arguments: [1]) == .integer(2))
        redis.kill()
        try await redis.restart()
        // The blocking one finds out that its connection is dead by using it.
        let error = #expect(throws: RedisError.self) {
            try blocking.run(script, keys: ["sum"], arguments: [1])
        }
        guard case .unknownEffect = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try blocking.run(script, keys: ["sum"], arguments: [1]) == .integer(1))
        _ = try blocking.send(RedisCommand("SCRIPT", "FLUSH"))
        // Nor may the client have seen the end of its connection yet; it says so before it sends a command anew.
        var states = client.states().makeAsyncIterator()
        while await states.next() != .connected(generation: 2) {}
        #expect(try await client.run(script, keys: ["sum"], arguments: [1]) == .integer(2))
    }

    @Test func `an error in a script is refused`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let broken = RedisScript(name: "broken", source: "this is no Lua")
        let error = await #expect(throws: RedisError.self) { try await client.run(broken, keys: []) }
        guard case .refused(let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.hasPrefix("script broken: ERR"))
        let failing = RedisScript(name: "failing", source: "return redis.error_reply('MINE no')")
        let own = await #expect(throws: RedisError.self) { try await client.run(failing, keys: []) }
        #expect(own?.code == "MINE")
    }

    @Test func `replies may nest seven deep`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let reply = try await client.send(RedisCommand("EVAL", "return {{{{{{{1}}}}}}}", 0))
        #expect(reply == .array([.array([.array([.array([.array([.array([.array([.integer(1)])])])])])])]))
    }
}
