import PenstockTesting
import Synchronization
import Testing

@testable import PenstockRedis

/// Calls of one script that are made at the same time.
@Suite(.timeLimit(.minutes(1))) struct RedisScriptCallTests {
    private typealias Answer = Result<RedisReply, RedisError>

    /// A script that counts how often it is begun in its prelude, which is the key that it is given too.
    private static func script(counting key: String, _ body: String) -> RedisScript {
        RedisScript(
            name: "s", prelude: Array("local begun = redis.call('INCR', '\(key)')\n".utf8),
            body: Array(body.utf8), keys: 1, arguments: 2)
    }

    /// Makes the calls while the line sleeps, then wakes it.
    private func answers(
        over line: RedisLine, to script: RedisScript, key: String, _ arguments: [RedisArguments]
    ) async throws -> [Answer] {
        let text = script.text(for: line.address)
        return await withTaskGroup(of: (Int, Answer).self) { group in
            for (place, arguments) in arguments.enumerated() {
                group.addTask {
                    let answer = await withUnsafeContinuation { waiter in
                        line.inbox.withLock {
                            $0.calls.append(
                                RedisScriptCall(
                                    text: text, keys: RedisArguments([key]), arguments: arguments,
                                    waiter: waiter))
                        }
                    }
                    return (place, answer)
                }
            }
            while line.inbox.withLock({ $0.calls.count }) < arguments.count { await Task.yield() }
            line.post(.interrupt)
            var answers = [Answer?](repeating: nil, count: arguments.count)
            for await (place, answer) in group { answers[place] = answer }
            return answers.compactMap(\.self)
        }
    }

    private func withLine(
        to address: RedisAddress, _ script: RedisScript, use: (RedisLine) async throws -> Void
    ) async throws {
        let client = RedisClient(address)
        _ = try await client.send(script.text(for: address).load)
        await client.close()
        let line = RedisLine(address, RedisSettings(), staysConnected: true)
        try await use(line)
        await line.closed()
    }

    @Test func `calls that are made together are one, and each has its own answer`() async throws {
        let key = TestRedis.prefix()
        let script = Self.script(counting: key, "return {begun, KEYS[1], #ARGV, ARGV[1], ARGV[2]}")
        try await withLine(to: TestRedis.shared.address, script) { line in
            for (calls, begun) in [(1, [1]), (32, [2]), (70, [3, 4, 5])] {
                let answers = try await answers(
                    over: line, to: script, key: key, (0..<calls).map { RedisArguments($0, "last") })
                var seen: Set<Int> = []
                // Tasks run in any order, so which went together is not known.
                for (place, answer) in answers.enumerated() {
                    let parts = try #require(try answer.get().asArray)
                    seen.insert(try #require(parts[0].asInt))
                    #expect(parts.dropFirst().map(\.asString) == [key, nil, "\(place)", "last"])
                    #expect(parts[2] == .integer(2))
                }
                #expect(seen == Set(begun))
            }
        }
    }

    @Test func `an error is one call's alone, and nothing is an answer too`() async throws {
        let key = TestRedis.prefix()
        let script = Self.script(
            counting: key,
            """
            if ARGV[1] == 'raises' then redis.call('LPUSH', KEYS[1], 'no list') end
            if ARGV[1] == 'refuses' then return redis.error_reply('MINE no') end
            if ARGV[1] == 'breaks' then return nil .. '' end
            if ARGV[1] == 'nothing' then return nil end
            return ARGV[1]
            """)
        try await withLine(to: TestRedis.shared.address, script) { line in
            let words = ["fine", "raises", "refuses", "breaks", "nothing", "last"]
            let answers = try await answers(
                over: line, to: script, key: key, words.map { RedisArguments($0, "") })
            let results = answers.map { answer in
                switch answer {
                case .success(let reply): reply.asString ?? "\(reply)"
                case .failure(let error): error.code.map(String.init) ?? "\(error)"
                }
            }
            #expect(results == ["fine", "WRONGTYPE", "MINE", "ERR", "null", "last"])
        }
    }

    @Test func `a server that does not know the script says so to each`() async throws {
        let script = Self.script(counting: "n", "return 1 -- \(TestRedis.prefix())")
        let line = RedisLine(try await TestRedis.shared.address, RedisSettings(), staysConnected: true)
        let answers = try await answers(
            over: line, to: script, key: "n", (0..<3).map { RedisArguments($0, "") })
        #expect(answers.count == 3)
        for answer in answers {
            #expect(throws: RedisError.self) { try answer.get() }
            if case .failure(let error) = answer { #expect(error.code == "NOSCRIPT") }
        }
        await line.closed()
    }

    @Test func `a replica's refusal is for each to try again`() async throws {
        let redis = try await TestRedis.start()
        let key = "n"
        let script = RedisScript(
            name: "s", body: Array("return redis.call('INCR', KEYS[1])".utf8), keys: 1, arguments: 2)
        try await withLine(to: redis.address, script) { line in
            let admin = RedisClient(redis.address)
            _ = try await admin.send(RedisCommand("REPLICAOF", "127.0.0.1", Int(try TestRedis.freePort())))
            let calls = (0..<3).map { RedisArguments($0, "") }
            for answer in try await answers(over: line, to: script, key: key, calls) {
                guard case .failure(.unavailable) = answer else {
                    Issue.record("\(answer)")
                    continue
                }
            }
            _ = try await admin.send(RedisCommand("REPLICAOF", "NO", "ONE"))
            // It has let the connection go, as after any other refusal of the kind.
            let answers = try await answers(over: line, to: script, key: key, calls)
            #expect(Set(try answers.map { try $0.get() }) == [.integer(1), .integer(2), .integer(3)])
        }
    }

    @Test func `calls that are under way when the line is closed are answered`() async throws {
        let line = RedisLine(
            try await TestRedis.shared.address, RedisSettings(), staysConnected: true)
        let script = Self.script(counting: "n", "return 1")
        await line.closed()
        let answer = await withUnsafeContinuation { waiter in
            line.post(
                RedisScriptCall(
                    text: script.text(for: line.address), keys: ["n"], arguments: [1, 2], waiter: waiter))
        }
        #expect(answer == .failure(.closed))
    }
}
