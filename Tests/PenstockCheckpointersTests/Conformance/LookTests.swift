import PenstockModel
import Testing

/// What is seen of a session by one who means to open it with his first save.
@Suite(.timeLimit(.minutes(2)))
struct LookTests {
    @Test(arguments: Drivers.checkpointers)
    func `a look changes nothing`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            _ = try await first.look(at: "new", for: "job-1")
            #expect(try await second.session("new") == nil)
            #expect(try await second.sessions(limit: 9, after: nil).isEmpty)
            var writer = try await Writer.open("s", in: first)
            try await writer.save()
            let before = try await first.session("s")
            _ = try await second.look(at: "s", for: "job-2")
            #expect(try await first.session("s") == before)
            try await writer.save()
            #expect(try await first.steps(of: "s") == [2, 1])
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `a look finds what an opening would, the epoch and the owner as they stand`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            let new = try #require(try await second.look(at: "s", for: "job-1"))
            #expect(new.record.id == "s" && new.record.epoch == 0 && new.record.owner.isEmpty)
            #expect(new.record.head == 0 && new.record.flow == nil && new.record.status == nil)
            #expect(new.latest == nil && new.start == nil && new.job == nil)

            var writer = try await Writer.open("s", in: first, owner: "token-1")
            #expect(try await second.look(at: "s", for: "job-1")?.record.owner == "token-1")
            for _ in 1...3 { try await writer.save(state: #"{"a":[1.0,"x"]}"#, metadata: #"{"m":1}"#) }
            let seen = try #require(try await second.look(at: "s", for: "job-1"))
            #expect(seen.record.epoch == 1 && seen.record.owner == "token-1")
            let opened = try await second.open("s", for: "job-1", as: "token-2")
            var expected = opened
            expected.record.epoch = 1
            expected.record.owner = "token-1"
            expected.record.updated = seen.record.updated
            #expect(seen == expected)
            #expect(seen.latest?.step == 3 && seen.job?.id == "job-1")
            #expect(try await second.look(at: "s", for: "job-2")?.job == nil)
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `a look after a reset or a delete finds the head as it was`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withStore { store in
            var writer = try await Writer.look(at: "s", in: store)
            let first = try await writer.save()
            try await writer.save()
            try await store.delete(first.id, of: "s")
            writer = try await Writer.look(at: "s", in: store)
            #expect(writer.seen == 2 && writer.epoch == 2 && writer.opened.latest?.step == 2)
            let last = try await writer.save()
            try await store.delete(last.id, of: "s")
            // Not every store knows at once which one is the last now.
            if let seen = try await store.look(at: "s", for: "job-1") {
                #expect(seen.record.head == 3 && seen.record.epoch == 4 && seen.latest?.step == 2)
            }
            try await store.reset("s")
            writer = try await Writer.look(at: "s", in: store)
            #expect(writer.seen == 3 && writer.epoch == 5 && writer.opened.latest == nil)
            #expect(writer.opened.record.flow == nil && writer.opened.job == nil)
            try await writer.save()
            #expect(try await store.steps(of: "s") == [4])
            #expect(try await store.session("s")?.record.epoch == 6)
            #expect(try await store.job("job-1") != nil)
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `64 looks at once each find their own session`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            for number in stride(from: 0, to: 64, by: 2) {
                let id = "s-\(number)"
                var writer = try await Writer.open(
                    SessionID(unchecked: id), in: first, job: JobID(unchecked: id))
                for _ in 0..<(1 + number % 3) { try await writer.save(state: #"{"n":\#(number)}"#) }
            }
            try await withThrowingTaskGroup { group in
                for number in 0..<64 {
                    group.addTask {
                        let id = "s-\(number)"
                        let seen = try #require(
                            try await second.look(at: SessionID(unchecked: id), for: JobID(unchecked: id)))
                        let steps = number.isMultiple(of: 2) ? 1 + number % 3 : 0
                        #expect(seen.record.id.text == id && seen.record.head == steps)
                        #expect(seen.record.epoch == (steps > 0 ? 1 : 0))
                        #expect(seen.latest?.state == (steps > 0 ? Array(#"{"n":\#(number)}"#.utf8) : nil))
                        #expect(seen.job?.id.text == (steps > 0 ? id : nil))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
