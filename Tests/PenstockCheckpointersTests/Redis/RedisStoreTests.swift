import PenstockCheckpointers
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

/// What is promised of the store in Redis alone.
@Suite(.timeLimit(.minutes(1)))
struct RedisStoreTests {
    @Test func `a server that forgot the scripts is given them again`() async throws {
        let redis = try await TestRedis.start()
        let client = RedisClient(redis.address)
        let store = RedisCheckpointer(client)
        var writer = try await Writer.open("s", in: store)
        try await writer.save()
        _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
        try await writer.save()
        _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
        #expect(try await store.open("s", for: "job-1", as: "next").record.head == 2)
        await store.close()
    }

    @Test func `a server that was restarted with its data goes on`() async throws {
        let redis = try await TestRedis.start(options: ["--appendonly", "yes", "--appendfsync", "always"])
        let store = RedisCheckpointer(RedisClient(redis.address))
        var writer = try await Writer.open("s", in: store)
        try await writer.save()
        let save = writer.draft()
        try await store.save(save)
        redis.kill()
        try await redis.restart()
        try await repeating { try await store.save(save) }
        #expect(try await store.steps(of: "s") == [2, 1])
        #expect(try await store.open("s", for: "job-1", as: "next").record.epoch == 2)
        await store.close()
    }

    @Test func `a server that lost its data fences the writers of before`() async throws {
        let redis = try await TestRedis.start()
        let store = RedisCheckpointer(RedisClient(redis.address))
        var writer = try await Writer.open("s", in: store)
        try await writer.save()
        let next = writer.draft()
        redis.kill()
        try await redis.restart()
        await #expect(throws: writer.fenced) { try await repeating { try await store.save(next) } }
        // The epoch is that of before: only the token tells them apart.
        let successor = try await Writer.open("s", in: store)
        #expect(successor.epoch == writer.epoch)
        await #expect(throws: writer.fenced) { try await store.save(next) }
        await store.close()
    }

    /// Asks again until the connection stands again.
    private func repeating(_ ask: () async throws -> Void) async throws {
        while true {
            do {
                return try await ask()
            } catch CheckpointerError.unavailable {
                continue
            }
        }
    }

    @Test func `a full server refuses, and nothing is written`() async throws {
        let redis = try await TestRedis.start()
        let client = RedisClient(redis.address)
        let store = RedisCheckpointer(client)
        let writer = try await Writer.open("s", in: store)
        _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", 1))
        await #expect { try await store.save(writer.draft()) } throws: { isRefused($0) }
        await #expect { try await Writer.open("t", in: store) } throws: { isRefused($0) }
        _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", 0))
        #expect(try await client.send(RedisCommand("DBSIZE")) == .integer(1))
        try await store.save(writer.draft())
        await store.close()
    }

    @Test func `a replica takes no writes, which may be asked for again when there is a master`() async throws
    {
        let redis = try await TestRedis.start()
        let client = RedisClient(redis.address)
        let store = RedisCheckpointer(client)
        let writer = try await Writer.open("s", in: store)
        let port = try TestRedis.freePort()
        _ = try await client.send(RedisCommand("REPLICAOF", "127.0.0.1", Int(port)))
        await #expect {
            try await store.save(writer.draft())
        } throws: { error in
            guard case CheckpointerError.unavailable(let reason) = error else { return false }
            return reason.hasPrefix("READONLY")
        }
        #expect(try await store.ping().first { $0.name == "role" }?.complaint != nil)
        _ = try await client.send(RedisCommand("REPLICAOF", "NO", "ONE"))
        try await store.save(writer.draft())
        await store.close()
    }

    @Test func `a key of another type refuses, and nothing is written`() async throws {
        try await withStore { store, client, prefix in
            for foreign in ["head:s", "session:s", "result:job-1"] {
                let writer = try await Writer.open("s", in: store)
                _ = try await client.send(RedisCommand("DEL", prefix + foreign))
                _ = try await client.send(RedisCommand("LPUSH", prefix + foreign, "x"))
                if foreign != "result:job-1" {
                    await #expect { try await store.save(writer.draft(id: "c")) } throws: { isUnfit($0) }
                }
                await #expect { try await Writer.open("s", in: store) } throws: { isUnfit($0) }
                #expect(try await client.send(RedisCommand("EXISTS", prefix + "checkpoint:c")) == .integer(0))
                _ = try await client.send(RedisCommand("DEL", prefix + foreign))
            }
        }
    }

    @Test func `an id that another session's checkpoint has is refused`() async throws {
        try await withStore { store, _, _ in
            var writer = try await Writer.open("s", in: store)
            let taken = try await writer.save(id: "taken")
            let other = try await Writer.open("t", in: store, job: "job-2")
            await #expect { try await store.save(other.draft(id: "taken")) } throws: { isUnfit($0) }
            #expect(try await store.checkpoint("taken", of: "s") == taken)
            #expect(try await store.history(of: "t").isEmpty)
        }
    }

    @Test func `a job that has written to another session is the opener's to judge`() async throws {
        try await withStore { store, _, _ in
            var writer = try await Writer.open("s", in: store, job: "job-1")
            try await writer.save()
            #expect(try await store.look(at: "s", for: "job-1")?.job?.session == "s")
            #expect(try await store.look(at: "t", for: "job-1") == nil)
            var other = try await Writer.open("u", in: store, job: "job-2")
            try await other.save()
            try await store.reset("u")
            #expect(try await store.look(at: "u", for: "job-1") == nil)
            #expect(try await store.look(at: "u", for: "job-2")?.record.head == 1)
            #expect(try await store.look(at: "u", for: "job-2")?.job == nil)
            try await store.reset("s")
            #expect(try await store.open("t", for: "job-1", as: "token").job == nil)
        }
    }

    @Test func `clear leaves the keys of other stores, and of anybody else`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let prefix = TestRedis.prefix()
        let names = [
            prefix, prefix + "llmfy", prefix + "llmfy_checkpoint:", prefix + "checkpoint:", prefix + "a[1]*:",
        ]
        let stores = names.map { RedisCheckpointer(client, prefix: $0, ownsClient: false) }
        _ = try await client.send(RedisCommand("SET", prefix + "queue:default", "x"))
        _ = try await client.send(RedisCommand("SET", prefix + "llmfyx", "x"))
        for store in stores {
            var writer = try await Writer.open("s", in: store)
            try await writer.save()
        }
        for (place, store) in stores.enumerated() {
            try await store.clear()
            #expect(try await store.size() == StoreSize(sessions: 0, checkpoints: 0, bytes: 0))
            #expect(try await store.job("job-1") == nil)
            for other in stores[(place + 1)...] {
                #expect(try await other.steps(of: "s") == [1])
                #expect(try await other.job("job-1") != nil)
            }
        }
        let left = try await client.send(RedisCommand("KEYS", RedisPattern.everything(under: prefix))).asArray
        #expect(Set(left?.compactMap(\.asString) ?? []) == [prefix + "queue:default", prefix + "llmfyx"])
        await client.close()
    }

    @Test func `nothing is left of a session's checkpoints when it is reset`() async throws {
        try await withStore { store, client, prefix in
            var writer = try await Writer.open("s", in: store)
            for _ in 1...1200 { try await writer.save() }
            try await store.reset("s")
            let left = try await client.send(RedisCommand("KEYS", prefix + "checkpoint:*"))
            #expect(left == .array([]))
        }
    }

    @Test func `a long history is listed in portions`() async throws {
        try await withStore { store, _, _ in
            var writer = try await Writer.open("s", in: store)
            for _ in 1...1200 { try await writer.save() }
            #expect(try await store.steps(of: "s") == Array((1...1200).reversed()))
            #expect(
                try await store.checkpoints(of: "s", limit: 700, before: 1000).map(\.step)
                    == Array((300...999).reversed()))
        }
    }

    @Test func `the facts complain of what endangers the promise`() async throws {
        let redis = try await TestRedis.start()
        let client = RedisClient(redis.address)
        let store = RedisCheckpointer(client)
        func complaint(about name: String) async throws -> String? {
            try #require(try await store.ping().first { $0.name == name }).complaint
        }
        #expect(try await complaint(about: "persistence") != nil)
        #expect(try await complaint(about: "eviction") == nil)
        #expect(try await complaint(about: "version") == nil)
        #expect(try await complaint(about: "role") == nil)
        #expect(try await complaint(about: "prefix") == nil)
        _ = try await client.send(RedisCommand("CONFIG", "SET", "appendonly", "yes"))
        #expect(try await complaint(about: "persistence") == nil)
        // A limit may be set at any time, so that there is none excuses nothing.
        for (policy, limit) in [("allkeys-lru", "0"), ("allkeys-lru", "100mb"), ("volatile-ttl", "100mb")] {
            _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", limit))
            _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory-policy", policy))
            #expect(try await complaint(about: "eviction") != nil)
        }
        _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory-policy", "noeviction"))
        #expect(try await complaint(about: "eviction") == nil)
        _ = try await client.send(RedisCommand("CONFIG", "SET", "appendfsync", "no"))
        #expect(try await complaint(about: "persistence") != nil)
        await store.close()
    }

    private func withStore(
        _ use: (_ store: RedisCheckpointer, _ client: RedisClient, _ prefix: String) async throws -> Void
    ) async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let prefix = TestRedis.prefix()
        let store = RedisCheckpointer(client, prefix: prefix)
        try await use(store, client, prefix)
        await store.close()
    }
}

private enum RedisPattern {
    static func everything(under prefix: String) -> String { prefix + "*" }
}
