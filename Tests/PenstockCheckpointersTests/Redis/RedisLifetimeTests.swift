import PenstockCheckpointers
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RedisLifetimeTests {
    @Test func `without a time to live only the records of jobs end`() async throws {
        try await withClient { client, prefix in
            let store = RedisCheckpointer(client, prefix: prefix, ownsClient: false)
            var writer = try await Writer.open("s", in: store)
            let checkpoint = try await writer.save()
            for key in ["head:s", "session:s", "checkpoint:" + checkpoint.id.text] {
                #expect(try await client.timeToLive(of: prefix + key) == nil)
            }
            let unended = try #require(try await client.timeToLive(of: prefix + "result:job-1"))
            #expect(unended > .seconds(180 * 86_400))
            var end = writer.draft()
            end.job?.status = .done
            try await store.save(end)
            let ended = try #require(try await client.timeToLive(of: prefix + "result:job-1"))
            #expect(ended > .seconds(7 * 86_400 - 60) && ended <= .seconds(7 * 86_400))
        }
    }

    @Test func `a time to live covers all keys of a session together`() async throws {
        try await withClient { client, prefix in
            let store = RedisCheckpointer(
                client, prefix: prefix, lifetimes: .init(session: .seconds(1000)), ownsClient: false)
            var writer = try await Writer.open("s", in: store)
            #expect(try await client.timeToLive(of: prefix + "head:s") != nil)
            var checkpoints: [CheckpointID] = []
            for round in 1...4 {
                checkpoints.append(try await writer.save().id)
                // As if much time had passed: the checkpoints would end before their session does.
                for id in checkpoints where round == 3 {
                    _ = try await client.send(RedisCommand("EXPIRE", prefix + "checkpoint:" + id.text, 5))
                }
                if round == 3 {
                    _ = try await client.send(RedisCommand("HSET", prefix + "head:s", "ends", "1"))
                }
            }
            let head = try #require(try await client.timeToLive(of: prefix + "head:s"))
            #expect(head > .seconds(990) && head <= .seconds(1000))
            let rows = try #require(try await client.timeToLive(of: prefix + "session:s"))
            #expect(rows > .seconds(990) && rows <= .seconds(1000))
            for id in checkpoints {
                let own = try #require(try await client.timeToLive(of: prefix + "checkpoint:" + id.text))
                #expect(own >= head && own <= .seconds(2000))
            }
            let job = try #require(try await client.timeToLive(of: prefix + "result:job-1"))
            #expect(job <= .seconds(1000))
        }
    }

    @Test func `a time to live that is set later covers the checkpoints of before`() async throws {
        try await withClient { client, prefix in
            let before = RedisCheckpointer(client, prefix: prefix, ownsClient: false)
            var writer = try await Writer.open("s", in: before)
            let first = try await writer.save().id
            let after = RedisCheckpointer(
                client, prefix: prefix, lifetimes: .init(session: .seconds(1000)), ownsClient: false)
            _ = try await Writer.open("s", in: after)
            #expect(try await client.timeToLive(of: prefix + "checkpoint:" + first.text) != nil)

            // And one that is taken back lets them live.
            var last = try await Writer.open("s", in: before)
            let second = try await last.save().id
            for key in ["head:s", "session:s", "checkpoint:" + first.text, "checkpoint:" + second.text] {
                #expect(try await client.timeToLive(of: prefix + key) == nil)
            }
        }
    }

    @Test func `a session that has ended begins anew`() async throws {
        try await withClient { client, prefix in
            let store = RedisCheckpointer(
                client, prefix: prefix, lifetimes: .init(session: .seconds(1000)), ownsClient: false)
            var writer = try await Writer.open("s", in: store)
            let checkpoint = try await writer.save()
            // The checkpoint outlives its session for a while, and is not seen any more.
            _ = try await client.send(RedisCommand("DEL", prefix + "head:s", prefix + "session:s"))
            #expect(try await store.checkpoint(checkpoint.id, of: "s") == nil)
            #expect(try await store.session("s") == nil)
            await #expect(throws: writer.fenced) { try await store.save(writer.draft()) }
            let opened = try await store.open("s", for: "job-1", as: "next")
            #expect(opened.record.epoch == 1)
            #expect(opened.latest == nil)
        }
    }

    private func withClient(_ use: (RedisClient, _ prefix: String) async throws -> Void) async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        try await use(client, TestRedis.prefix())
        await client.close()
    }
}

extension RedisClient {
    /// What is left to a key; `nil` if it lives for ever or is not there.
    fileprivate func timeToLive(of key: String) async throws -> Duration? {
        let left = try await send(RedisCommand("PTTL", key)).asInt ?? -2
        return left < 0 ? nil : .milliseconds(left)
    }
}
