import PenstockModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SessionsTests {
    @Test(arguments: Drivers.checkpointers)
    func `sessions do not touch one another`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            var one = try await Writer.open("one", in: first, job: "job-1")
            var two = try await Writer.open("two", in: second, job: "job-2")
            try await one.save(state: #"{"n":1}"#)
            try await two.save(state: #"{"n":2}"#)
            try await one.save(state: #"{"n":11}"#)
            #expect(try await first.steps(of: "one") == [2, 1])
            #expect(try await first.steps(of: "two") == [1])
            #expect(try await first.latest(of: "two")?.state == Array(#"{"n":2}"#.utf8))
            #expect(try await first.session("two")?.record.epoch == 1)
            try await first.reset("one")
            #expect(try await first.steps(of: "two") == [1])
            #expect(try await first.job("job-2") != nil)
            try await two.save()
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a summary counts checkpoints and the bytes of their states`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            let empty = try #require(try await store.session("s"))
            #expect(empty.checkpoints == 0)
            #expect(empty.bytes == 0)
            #expect(empty.metadata == nil)
            #expect(empty.record.epoch == 1)
            try await writer.save(state: #"{"é":1}"#, metadata: #"{"m":1}"#)
            try await writer.save(state: #"{"a":"\n"}"#, metadata: #"{"m":2}"#)
            let full = try #require(try await store.session("s"))
            #expect(full.checkpoints == 2)
            #expect(full.bytes == #"{"é":1}{"a":"\n"}"#.utf8.count)
            #expect(full.metadata == Array(#"{"m":2}"#.utf8))
            #expect(try await store.sessions(limit: 10, after: nil) == [full])
            #expect(try await store.exists("s"))
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `sessions are listed in order of their ids, page by page`(_ driver: CheckpointerDriver) async throws
    {
        try await driver.withStore { store in
            let ids: [SessionID] = ["b", "a:2", "a", "B", "a:10", "c"]
            for id in ids { _ = try await store.open(id, for: "job-1", as: "token") }
            let sorted = ids.sorted()
            var listed: [SessionID] = []
            while true {
                let page = try await store.sessions(limit: 2, after: listed.last)
                #expect(page.count <= 2)
                if page.isEmpty { break }
                listed += page.map(\.record.id)
            }
            #expect(listed == sorted)
            #expect(try await store.sessions(limit: 10, after: "zzz").isEmpty)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `the size is that of all sessions`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            for (id, count) in [("one", 1), ("two", 2), ("none", 0)] {
                var writer = try await Writer.open(
                    SessionID(checking: id), in: store, job: JobID(checking: id))
                for _ in 0..<count { try await writer.save(state: #"{"n":1}"#) }
            }
            #expect(try await store.size() == StoreSize(sessions: 3, checkpoints: 3, bytes: 21))
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a store says what it is`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let facts = try await store.ping()
            #expect(!facts.isEmpty)
            #expect(facts.allSatisfy { !$0.name.isEmpty && !$0.value.isEmpty })
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a closed store answers nothing`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            try await writer.save()
            let next = writer.draft()
            await store.close()
            await store.close()
            await #expect { try await store.open("s", for: "job-1", as: "t") } throws: { isUnavailable($0) }
            await #expect { try await store.save(next) } throws: { isUnavailable($0) }
            await #expect { try await store.latest(of: "s") } throws: { isUnavailable($0) }
            await #expect { try await store.checkpoint("c", of: "s") } throws: { isUnavailable($0) }
            await #expect { try await store.history(of: "s") } throws: { isUnavailable($0) }
            await #expect { try await store.session("s") } throws: { isUnavailable($0) }
            await #expect { try await store.sessions(limit: 1, after: nil) } throws: { isUnavailable($0) }
            await #expect { try await store.job("job-1") } throws: { isUnavailable($0) }
            await #expect { try await store.delete("c", of: "s") } throws: { isUnavailable($0) }
            await #expect { try await store.reset("s") } throws: { isUnavailable($0) }
            await #expect { try await store.clear() } throws: { isUnavailable($0) }
            await #expect { try await store.size() } throws: { isUnavailable($0) }
            await #expect { try await store.ping() } throws: { isUnavailable($0) }
        }
    }
}
