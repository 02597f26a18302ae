import PenstockRedis
import PenstockTesting
import Testing

@Suite struct RedisConnectionTests {
    let name = "penstock-test-\(UInt64.random(in: 0 ... .max))"

    @Test func `a blocked command wakes with its element`() async throws {
        let shared = try await TestRedis.shared
        let connection = RedisConnection(shared.address, settings: RedisSettings(clientName: name))
        let client = RedisClient(shared.address)
        let key = TestRedis.prefix() + "queue"
        async let element = connection.send(RedisCommand("BLPOP", key, 30), limit: .seconds(60))
        try await client.wait(until: name, isAt: "blpop")
        _ = try await client.send(RedisCommand("LPUSH", key, "a"))
        #expect(try await element == .array([.bytes(Array(key.utf8)), .bytes(Array("a".utf8))]))
    }

    @Test func `only one command at a time`() async throws {
        let shared = try await TestRedis.shared
        let connection = RedisConnection(shared.address, settings: RedisSettings(clientName: name))
        let client = RedisClient(shared.address)
        let key = TestRedis.prefix() + "queue"
        async let element = connection.send(RedisCommand("BLPOP", key, 30), limit: .seconds(60))
        try await client.wait(until: name, isAt: "blpop")
        await #expect(throws: RedisError.busy) {
            try await connection.send(RedisCommand("PING"), limit: .seconds(1))
        }
        _ = try await client.send(RedisCommand("LPUSH", key, "a"))
        _ = try await element
        #expect(try await connection.send(RedisCommand("PING"), limit: .seconds(5)) == .status("PONG"))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cancelled task leaves at once, and the next command finds a new connection`() async throws {
        let shared = try await TestRedis.shared
        let connection = RedisConnection(shared.address, settings: RedisSettings(clientName: name))
        let client = RedisClient(shared.address)
        let key = TestRedis.prefix() + "queue"
        let waiting = Task { () async -> RedisError? in
            do throws(RedisError) {
                _ = try await connection.send(RedisCommand("BLPOP", key, 0), limit: .seconds(3600))
                return nil
            } catch {
                return error
            }
        }
        try await client.wait(until: name, isAt: "blpop")
        waiting.cancel()
        #expect(
            await waiting.value
                == .unknownEffect(reason: "its task was cancelled while it waited for the reply"))
        #expect(try await connection.send(RedisCommand("PING"), limit: .seconds(5)) == .status("PONG"))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a task that is cancelled already sends nothing`() async throws {
        let shared = try await TestRedis.shared
        let connection = RedisConnection(shared.address)
        let key = TestRedis.prefix() + "never"
        let task = Task { () async -> RedisError? in
            withUnsafeCurrentTask { $0?.cancel() }
            do throws(RedisError) {
                _ = try await connection.send(RedisCommand("SET", key, "x"), limit: .seconds(5))
                return nil
            } catch {
                return error
            }
        }
        guard case .unavailable = await task.value else {
            Issue.record("sent all the same")
            return
        }
        #expect(try await connection.send(RedisCommand("EXISTS", key), limit: .seconds(5)) == .integer(0))
    }

    @Test func `each command has its own limit`() async throws {
        let connection = RedisConnection(try await TestRedis.shared.address)
        let key = TestRedis.prefix() + "none"
        #expect(try await connection.send(RedisCommand("BLPOP", key, "0.05"), limit: .seconds(60)) == .null)
        let took = await ContinuousClock().measure {
            let error = await #expect(throws: RedisError.self) {
                try await connection.send(RedisCommand("BLPOP", key, 30), limit: .milliseconds(200))
            }
            #expect(error == .unknownEffect(reason: "no reply within the time limit"))
        }
        #expect(took > .milliseconds(190))
        #expect(try await connection.send(RedisCommand("PING"), limit: .seconds(5)) == .status("PONG"))
    }

    @Test func `a killed connection is told, and made anew by the next command`() async throws {
        let shared = try await TestRedis.shared
        let connection = RedisConnection(shared.address, settings: RedisSettings(clientName: name))
        let client = RedisClient(shared.address)
        async let outcome = Outcome { () async throws(RedisError) in
            try await connection.send(RedisCommand("BLPOP", TestRedis.prefix(), 0), limit: .seconds(60))
        }
        try await client.wait(until: name, isAt: "blpop")
        try await client.kill(name)
        #expect(await outcome == .unknownEffect)
        #expect(try await connection.send(RedisCommand("PING"), limit: .seconds(5)) == .status("PONG"))
    }
}
