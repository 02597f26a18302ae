import PenstockModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ForgettingTests {
    @Test(arguments: Drivers.checkpointers)
    func `a deleted checkpoint is gone and the latest falls back`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            let first = try await writer.save(state: #"{"n":1}"#, metadata: #"{"m":1}"#)
            let second = try await writer.save(state: #"{"n":22}"#, metadata: #"{"m":2}"#)
            #expect(try await store.delete(second.id, of: "s"))
            #expect(try await store.delete(second.id, of: "s") == false)
            #expect(try await store.checkpoint(second.id, of: "s") == nil)
            #expect(try await store.latest(of: "s") == first)
            let summary = try #require(try await store.session("s"))
            #expect(summary.checkpoints == 1)
            #expect(summary.bytes == first.state.count)
            #expect(summary.metadata == first.metadata)
            let opened = try await store.open("s", for: "job-1", as: "next")
            #expect(opened.latest == first)
            #expect(opened.record.head == 2)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `deleting a checkpoint shuts out the writer, and steps go on`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.open("s", in: first)
            let checkpoint = try await writer.save()
            #expect(try await second.delete(checkpoint.id, of: "s"))
            await #expect(throws: writer.fenced) { try await first.save(writer.draft()) }
            var next = try await Writer.open("s", in: first)
            #expect(next.epoch > writer.epoch + 1)
            #expect(next.opened.latest == nil)
            #expect(try await next.save().step == 2)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a save whose checkpoint was deleted since is fenced`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let writer = try await Writer.open("s", in: store)
            let save = writer.draft(id: "gone")
            try await store.save(save)
            #expect(try await store.delete("gone", of: "s"))
            await #expect(throws: writer.fenced) { try await store.save(save) }
            #expect(try await store.history(of: "s").isEmpty)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a checkpoint is not deleted by way of another session`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            let checkpoint = try await writer.save()
            var other = try await Writer.open("t", in: store, job: "job-2")
            #expect(try await store.delete(checkpoint.id, of: "t") == false)
            #expect(try await store.delete(checkpoint.id, of: "nobody") == false)
            #expect(try await store.delete("no-such-id", of: "s") == false)
            #expect(try await store.latest(of: "s") == checkpoint)
            try await writer.save()
            try await other.save()
            #expect(try await store.session("nobody") == nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a reset forgets checkpoints, jobs and flow, and keeps the record`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            for _ in 1...3 { try await writer.save() }
            try await store.save(writer.draftWithoutCheckpoint())
            let before = try #require(try await store.session("s")).record
            try await store.reset("s")
            let after = try #require(try await store.session("s"))
            #expect(after.checkpoints == 0)
            #expect(after.bytes == 0)
            #expect(after.metadata == nil)
            #expect(after.record.flow == nil)
            #expect(after.record.version == nil)
            #expect(after.record.status == nil)
            #expect(after.record.head == 3)
            #expect(after.record.epoch > before.epoch)
            #expect(after.record.created == before.created)
            #expect(try await store.history(of: "s").isEmpty)
            #expect(try await store.latest(of: "s") == nil)
            #expect(try await store.job("job-1") == nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `after a reset the zombie stays fenced and no step is given twice`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            var zombie = try await Writer.open("s", in: first)
            try await zombie.save()
            let repeated = zombie.draft()
            try await zombie.save()
            try await second.reset("s")
            await #expect(throws: zombie.fenced) { try await first.save(zombie.draft()) }
            await #expect(throws: zombie.fenced) { try await first.save(repeated) }
            var next = try await Writer.open("s", in: second)
            #expect(next.opened.latest == nil)
            #expect(next.opened.record.head == 2)
            await #expect(throws: zombie.fenced) { try await first.save(zombie.draft()) }
            #expect(try await next.save().step == 3)
            #expect(try await first.steps(of: "s") == [3])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a job that a reset forgot can be recorded anew`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            try await writer.save()
            try await store.reset("s")
            #expect(try await store.open("t", for: "job-1", as: "token").job == nil)
            var next = try await Writer.open("s", in: store)
            #expect(next.opened.job == nil)
            try await next.save()
            #expect(try await store.job("job-1")?.session == "s")
            #expect(try await store.open("s", for: "job-1", as: "token").job != nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a reset of a session that was never seen does nothing`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            try await store.reset("s")
            #expect(try await store.session("s") == nil)
            _ = try await store.open("s", for: "job-1", as: "token")
            try await store.reset("s")
            try await store.reset("s")
            #expect(try await store.open("s", for: "job-1", as: "token").record.head == 0)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `clear forgets everything`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.open("s", in: first)
            try await writer.save()
            var other = try await Writer.open("t", in: second, job: "job-2")
            try await other.save()
            try await second.clear()
            #expect(try await first.size() == StoreSize(sessions: 0, checkpoints: 0, bytes: 0))
            #expect(try await first.sessions(limit: 10, after: nil).isEmpty)
            #expect(try await first.job("job-1") == nil)
            let opened = try await Writer.open("s", in: first)
            #expect(opened.epoch == 1)
            await #expect(throws: writer.fenced) { try await first.save(writer.draft()) }
        }
    }
}
