import Glibc
import PenstockExecutors
import PenstockRedis
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisLoopTests {
    @Test
    func `a task that prefers the loop goes on where its replies come in, whichever client they are for`()
        async throws
    {
        let loop = SocketLoop()
        let address = try await TestRedis.shared.address
        let (first, second) = (RedisClient(address, on: loop), RedisClient(address, on: loop))
        let threads = try await Task(executorPreference: loop) {
            var threads = [pthread_self()]
            for client in [first, second, first] {
                _ = try await client.send(RedisCommand("PING"))
                threads.append(pthread_self())
            }
            return threads
        }.value
        #expect(Set(threads).count == 1)
        await first.close()
        #expect(try await second.send(RedisCommand("PING")) == .status("PONG"))
    }

    @Test func `a server that does not answer holds up nobody else on the loop`() async throws {
        let loop = SocketLoop()
        let silent = try ScriptedServer([[.silence]])
        let waiting = RedisClient(silent.address, on: loop)
        let other = RedisClient(try await TestRedis.shared.address, on: loop)
        let unanswered = waiting.post(RedisCommand("PING"))
        for number in 0..<100 {
            #expect(try await other.send(RedisCommand("ECHO", number)).asString == "\(number)")
        }
        await waiting.close()
        await #expect(throws: RedisError.self) { try await unanswered.value() }
        #expect(try await other.send(RedisCommand("PING")) == .status("PONG"))
    }

    @Test func `tasks run before there is a connection, and after the last was closed`() async throws {
        let loop = SocketLoop()
        let address = try await TestRedis.shared.address
        for number in 0..<3 {
            let answer = await Task(executorPreference: loop) { number }.value
            #expect(answer == number)
            let client = RedisClient(address, on: loop)
            let reply = try await Task(executorPreference: loop) {
                let reply = try await client.send(RedisCommand("PING"))
                await client.close()
                await Task.yield()
                return reply
            }.value
            #expect(reply == .status("PONG"))
            await #expect(throws: RedisError.closed) { try await client.send(RedisCommand("PING")) }
        }
    }

    @Test func `many tasks, on the loop and elsewhere, all get their own replies`() async throws {
        let loop = SocketLoop()
        let address = try await TestRedis.shared.address
        let clients = [RedisClient(address, on: loop), RedisClient(address, on: loop)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                let client = clients[number % 2]
                let executor: (any TaskExecutor)? = number % 3 == 0 ? nil : loop
                group.addTask(executorPreference: executor) {
                    for word in 0..<20 {
                        let text = "\(number) \(word)"
                        let echo = try await client.send(RedisCommand("ECHO", text))
                        #expect(echo.asString == text)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
