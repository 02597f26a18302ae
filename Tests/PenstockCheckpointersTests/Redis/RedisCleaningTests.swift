import PenstockCheckpointers
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

/// Cleaning where Redis is different: records of jobs that end by themselves, keys that vanish, llmfy's rows.
@Suite(.timeLimit(.minutes(1)))
struct RedisCleaningTests {
    @Test func `what llmfy has written since is found although as many were removed`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            var writer = try await llmfy.open()
            try await writer.save()
            try await llmfy.add(id: "theirs", node: "score", step: 5, after: 10_000)
            // Five were counted, six are there, and five stay.
            #expect(
                try await llmfy.store.pass(keeping: .all(5), at: .day(1)).removed["sample"]?.checkpoints == 1)
            let next = try await llmfy.open()
            #expect(next.opened.latest?.id == "theirs")
            #expect(next.opened.record.head == 5)
            #expect(try await llmfy.store.session(LlmfyRows.session)?.checkpoints == 5)
        }
    }

    @Test func `a start row and the node's row that has the position stay together`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            var writer = try await llmfy.open()
            try await writer.save(timestamp: Timestamp(microseconds: 1_767_323_045_682_000))
            try await llmfy.add(id: "again", node: "__start__", step: 4, after: 1000)
            try await llmfy.store.pass(keeping: .all(1), at: .day(1))
            let opened = try await llmfy.open().opened
            #expect(opened.start?.id == "again")
            #expect(opened.latest?.step == 4)
            #expect(try await llmfy.store.steps(of: LlmfyRows.session) == [4, 4])
        }
    }

    @Test func `a result goes once its job is forgotten`() async throws {
        try await withStore { store, client, prefix in
            try await Writer.session("s", in: store, days: 1...2, .done, .done)
            try await Writer.session("s", in: store, job: "job-2", days: 3...4, .done, .done)
            try await store.pass(keeping: .all(days: 5), at: .day(20))
            #expect(try await store.steps(of: "s") == [4, 2])
            _ = try await client.send(RedisCommand("DEL", prefix + "result:s"))
            try await store.pass(keeping: .all(days: 5), at: .day(20))
            #expect(try await store.steps(of: "s") == [4])
            _ = try await client.send(RedisCommand("DEL", prefix + "result:job-2"))
            try await store.pass(keeping: .all(days: 5), at: .day(20))
            #expect(try await store.steps(of: "s") == [])
            #expect(try await client.send(RedisCommand("KEYS", prefix + "checkpoint:*")) == .array([]))
        }
    }

    @Test func `keys that vanished are no hindrance`() async throws {
        try await withStore { store, client, prefix in
            let writer = try await Writer.session("s", in: store, days: 1...5)
            let ids = try await store.history(of: "s").map(\.id.text)
            _ = try await client.send(RedisCommand("DEL", prefix + "checkpoint:" + ids[4]))
            #expect(
                try await store.pass(keeping: .all(3), at: .day(6)).removed
                    == ["sample": Removed(checkpoints: 2, bytes: 2)])
            #expect(try await store.steps(of: "s") == [5, 4, 3])
            try await store.save(writer.draft())

            try await Writer.session("t", in: store, days: 1...5)
            _ = try await client.send(RedisCommand("DEL", prefix + "session:t"))
            try await Writer.session("u", in: store, days: 1...5)
            _ = try await client.send(RedisCommand("DEL", prefix + "head:u"))
            #expect(try await store.pass(keeping: .all(9), at: .day(6)).removed == [:])
            #expect(try await client.send(RedisCommand("EXISTS", prefix + "head:u")) == .integer(0))
        }
    }

    @Test func `the time to live of a session stays as it is`() async throws {
        try await withStore(.init(session: .seconds(1000))) { store, client, prefix in
            try await Writer.session("s", in: store, days: 1...5, .done)
            try await store.pass(keeping: .all(2), at: .day(6))
            for key in ["head:s", "session:s"] {
                #expect(try await client.send(RedisCommand("PTTL", prefix + key)).asInt ?? 0 > 0, "\(key)")
            }
            try await store.pass(keeping: .all(days: 2), at: .day(100))
            #expect(try await client.send(RedisCommand("PTTL", prefix + "head:s")).asInt ?? 0 > 0)
            #expect(try await store.session("s")?.record.head == 5)
        }
    }

    private func withStore(
        _ lifetimes: RedisCheckpointer.Lifetimes = .init(),
        _ use: (_ store: RedisCheckpointer, _ client: RedisClient, _ prefix: String) async throws -> Void
    ) async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let prefix = TestRedis.prefix()
        let store = RedisCheckpointer(client, prefix: prefix, lifetimes: lifetimes)
        try await use(store, client, prefix)
        await store.close()
    }
}
