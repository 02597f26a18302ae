import PenstockCheckpointers
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

/// What the queue has done in the step of a save.
@Suite(.timeLimit(.minutes(1)))
struct RedisErrandTests {
    /// A store, and a key of the test's own in its Redis.
    private struct Place {
        let client: RedisClient
        let store: RedisCheckpointer
        let key: String

        func value() async throws -> String? { try await client.send(RedisCommand("GET", key)).asString }

        /// Counts in `key`, and answers with what it is called with.
        func counting() -> RedisErrand {
            let script = RedisScript(
                name: "count", source: "redis.call('INCR', KEYS[1]) return {ARGV[1], ARGV[2]}")
            return RedisErrand(
                onlyWhile: nil, then: RedisScriptCall(script, keys: [key], arguments: ["one", "two"]))
        }
    }

    private func withPlace(
        living life: Duration? = nil, _ body: (Place) async throws -> Void
    ) async throws {
        let prefix = TestRedis.prefix()
        let client = RedisClient(try await TestRedis.shared.address)
        let store = RedisCheckpointer(
            client, prefix: prefix, lifetimes: RedisCheckpointer.Lifetimes(session: life))
        try await body(Place(client: client, store: store, key: prefix + "key"))
        await store.close()
    }

    private func answer(_ errand: SaveErrand) -> RedisReply? {
        guard case .answered(let told, asked: _)? = errand.outcome else { return nil }
        return told as? RedisReply
    }

    private let told = RedisReply.array([.bytes(Array("one".utf8)), .bytes(Array("two".utf8))])

    @Test(arguments: [nil, Duration.seconds(60)])
    func `a call follows the save that is written, whatever the save has to see to`(_ life: Duration?)
        async throws
    {
        try await withPlace(living: life) { place in
            // The second and third are of another job than the one that made the session.
            let jobs: [JobID] = ["job-1", "job-2", "job-2"]
            for (number, job) in jobs.enumerated() {
                var save = try await Writer.open("s", in: place.store, job: job).draft()
                let errand = SaveErrand(place.counting())
                save.errand = errand
                try await place.store.save(save)
                #expect(answer(errand) == told)
                #expect(try await place.value() == "\(number + 1)")
            }
            #expect(try await place.store.steps(of: "s") == [3, 2, 1])
        }
    }

    @Test func `a save that is written already is not followed once more`() async throws {
        try await withPlace { place in
            var save = try await Writer.look(at: "s", in: place.store).draft()
            save.errand = SaveErrand(place.counting())
            try await place.store.save(save)
            let again = SaveErrand(place.counting())
            save.errand = again
            try await place.store.save(save)
            #expect(again.outcome == nil)
            #expect(try await place.value() == "1")
            #expect(try await place.store.steps(of: "s") == [1])
        }
    }

    @Test func `an answer tells when the try that brought it was begun`() async throws {
        try await withPlace { place in
            var save = try await Writer.look(at: "s", in: place.store).draft()
            let errand = SaveErrand(place.counting())
            save.errand = errand
            let before = ContinuousClock.now
            try await place.store.save(save)
            guard case .answered(_, let asked)? = errand.outcome else {
                Issue.record("expected an answer, found \(String(describing: errand.outcome))")
                return
            }
            #expect((before ... .now).contains(asked))
        }
    }

    @Test func `a save that is refused is not followed`() async throws {
        try await withPlace { place in
            let writer = try await Writer.open("s", in: place.store)
            _ = try await place.store.open("s", for: "job-2", as: "another")
            var save = writer.draft()
            let errand = SaveErrand(place.counting())
            save.errand = errand
            await #expect(throws: writer.fenced) { try await place.store.save(save) }
            #expect(errand.outcome == nil)
            #expect(try await place.value() == nil)
        }
    }

    @Test(arguments: [false, true], [nil, "another"])
    func `a save is made only while its condition holds`(_ isFollowed: Bool, _ value: String?) async throws {
        try await withPlace { place in
            let lock = place.key + "-lock"
            for writer in [
                try await Writer.look(at: "new", in: place.store),
                try await Writer.open("old", in: place.store),
            ] {
                var errand = isFollowed ? place.counting() : RedisErrand(onlyWhile: nil, then: nil)
                errand.condition = (lock, "mine")
                if let value { _ = try await place.client.send(RedisCommand("SET", lock, value)) }
                var save = writer.draft()
                let refused = SaveErrand(errand)
                save.errand = refused
                await #expect(throws: CheckpointerError.self) { try await place.store.save(save) }
                guard case .refused? = refused.outcome else {
                    Issue.record("expected a refusal, found \(String(describing: refused.outcome))")
                    return
                }
                #expect(try await place.store.steps(of: writer.session).isEmpty)
                #expect(try await place.value() == nil)

                _ = try await place.client.send(RedisCommand("SET", lock, "mine"))
                let made = SaveErrand(errand)
                save.errand = made
                try await place.store.save(save)
                #expect(answer(made) == (isFollowed ? told : nil))
                #expect(try await place.store.steps(of: writer.session) == [1])

                // What was written stays so when the answer was lost, and the lock with it.
                _ = try await place.client.send(RedisCommand("DEL", lock))
                try await place.store.save(save)
                _ = try await place.client.send(RedisCommand("DEL", place.key))
            }
        }
    }
}
