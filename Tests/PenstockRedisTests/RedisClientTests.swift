import PenstockRedis
import PenstockTesting
import Testing

@Suite struct RedisClientTests {
    @Test func `a value comes back byte for byte`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let key = TestRedis.prefix() + "bytes"
        let value = (0...255).map { UInt8($0) } + Array("\r\n$5\r\n\0".utf8)
        #expect(try await client.send(RedisCommand("SET", key, value)) == .status("OK"))
        #expect(try await client.send(RedisCommand("GET", key)) == .bytes(value))
        #expect(try await client.send(RedisCommand("SET", key, [UInt8]())) == .status("OK"))
        #expect(try await client.send(RedisCommand("GET", key)) == .bytes([]))
    }

    @Test func `every kind of reply is understood`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let key = TestRedis.prefix() + "list"
        #expect(try await client.send(RedisCommand("GET", key)) == .null)
        #expect(try await client.send(RedisCommand("RPUSH", key, "a", "1")) == .integer(2))
        #expect(
            try await client.send(RedisCommand("LRANGE", key, 0, -1))
                == .array([.bytes(Array("a".utf8)), .bytes(Array("1".utf8))]))
        let nested = try await client.send(
            RedisCommand("EVAL", "return {1, {redis.error_reply('E x'), false}}", 0))
        #expect(nested == .array([.integer(1), .array([.error("E x"), .null])]))
        #expect(nested.asArray?.first?.asInt == 1 && nested.asInt == nil)
        #expect(try await client.send(RedisCommand("LINDEX", key, 1)).asInt == 1)
        #expect(try await client.send(RedisCommand("LINDEX", key, 0)).asString == "a")
        #expect(try await client.send(RedisCommand("LINDEX", key, 5)).isNull)
        #expect(try await client.send(RedisCommand("BLPOP", "\(key):none", "0.01")) == .null)
    }

    @Test func `an error of the server is thrown, and the connection goes on`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let key = TestRedis.prefix() + "list"
        _ = try await client.send(RedisCommand("RPUSH", key, "a"))
        let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("GET", key)) }
        #expect(error?.code == "WRONGTYPE")
        #expect(try await client.send(RedisCommand("LLEN", key)) == .integer(1))
        #expect(client.state == .connected(generation: 1))
    }

    @Test func `an unknown command does not tell its arguments`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let error = await #expect(throws: RedisError.self) {
            try await client.send(RedisCommand("NOSUCH", "hush"))
        }
        #expect(error.map { !"\($0)".contains("hush") } == true)
    }

    @Test func `a subscription is refused`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let error = await #expect(throws: RedisError.self) {
            try await client.send(RedisCommand("SUBSCRIBE", "x"))
        }
        #expect(error?.code == "this")
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
    }

    @Test func `a thousand callers each get their own reply`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let prefix = TestRedis.prefix()
        try await withThrowingTaskGroup { group in
            for caller in 0..<1_000 {
                group.addTask {
                    for turn in 0..<20 {
                        let value = "\(caller):\(turn)"
                        let reply = try await client.send(RedisCommand("ECHO", value))
                        #expect(reply.asString == value)
                        let count = try await client.send(RedisCommand("INCR", "\(prefix)\(caller)"))
                        #expect(count == .integer(turn + 1))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(client.state == .connected(generation: 1))
    }

    @Test func `commands sent together are carried out in order, with nothing between them`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let key = TestRedis.prefix() + "count"
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    let results = await client.sendAll(
                        (0..<10).map { _ in RedisCommand("INCR", key) } + [RedisCommand("LLEN", key)])
                    let numbers = results.prefix(10).compactMap { try? $0.get().asInt }
                    #expect(numbers.count == 10)
                    if let first = numbers.first { #expect(numbers == Array(first..<first + 10)) }
                    guard case .failure(.refused) = results.last else {
                        Issue.record("the error is not in its place")
                        return
                    }
                }
            }
        }
        #expect(try await client.send(RedisCommand("GET", key)).asInt == 500)
        #expect(await client.sendAll([]).isEmpty)
    }

    @Test func `a value of 20 MB goes there and back`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let key = TestRedis.prefix() + "big"
        var value = [UInt8](repeating: 13, count: 20_000_000)
        for index in stride(from: 0, to: value.count, by: 10_007) { value[index] = UInt8(index & 0xFF) }
        #expect(try await client.send(RedisCommand("SET", key, value)) == .status("OK"))
        let back = try await client.send(RedisCommand("GET", key)).asBytes
        let isWhole = back == value
        #expect(isWhole)
        _ = try await client.send(RedisCommand("DEL", key))
    }

    @Test func `an array of a hundred thousand comes whole`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let reply = try await client.send(
            RedisCommand("EVAL", "local t = {} for i = 1, 100000 do t[i] = i end return t", 0))
        #expect(reply.asArray?.compactMap(\.asInt) == Array(1...100_000))
    }

    @Test func `after closing every command is refused, and closing twice does no harm`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        try await client.connect()
        await client.close()
        await client.close()
        for await _ in client.states() {}
        await #expect(throws: RedisError.closed) { try await client.send(RedisCommand("PING")) }
        #expect(await client.sendAll([RedisCommand("PING")]) == [.failure(.closed)])
    }

    @Test func `one that was closed before its first command is closed`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        await client.close()
        await #expect(throws: RedisError.closed) { try await client.send(RedisCommand("PING")) }
    }

    @Test func `a client that is let go of leaves the server`() async throws {
        let shared = try await TestRedis.shared
        let watcher = RedisClient(shared.address)
        let name = "gone-\(UInt64.random(in: 0 ... .max))"
        do {
            let client = RedisClient(shared.address, settings: RedisSettings(clientName: name))
            try await client.connect()
            #expect(try await watcher.clients().contains(name))
        }
        while try await watcher.clients().contains(name) { await Task.yield() }
    }
}

extension RedisClient {
    func clients() async throws -> String {
        try await send(RedisCommand("CLIENT", "LIST")).asString ?? ""
    }

    /// Returns when the server is at this command for the connection of this name.
    func wait(until name: String, isAt command: String) async throws {
        while true {
            let lines = try await clients().split(separator: "\n")
            if lines.contains(where: { $0.contains("name=\(name) ") && $0.contains("cmd=\(command) ") }) {
                return
            }
            await Task.yield()
        }
    }

    func kill(_ name: String) async throws {
        for line in try await clients().split(separator: "\n") where line.contains("name=\(name) ") {
            let id = line.split(separator: " ").first?.dropFirst("id=".count) ?? ""
            _ = try await send(RedisCommand("CLIENT", "KILL", "ID", String(id)))
        }
    }
}
