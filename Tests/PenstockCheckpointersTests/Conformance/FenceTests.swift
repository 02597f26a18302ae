import PenstockModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FenceTests {
    @Test(arguments: Drivers.checkpointers)
    func `a session that was never seen comes into being with epoch 1 and head 0`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            let opened = try await store.open("s", for: "job-1", as: "token-1")
            #expect(opened.record.id == "s")
            #expect(opened.record.epoch == 1)
            #expect(opened.record.owner == "token-1")
            #expect(opened.record.head == 0)
            #expect(opened.record.flow == nil)
            #expect(opened.record.status == nil)
            #expect(opened.latest == nil)
            #expect(opened.start == nil)
            #expect(opened.job == nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `each open raises the epoch by one and notes the owner`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            for (epoch, store) in [first, second, first, second].enumerated() {
                let opened = try await store.open("s", for: "job-1", as: "token-\(epoch)")
                #expect(opened.record.epoch == Int64(epoch) + 1)
                #expect(opened.record.owner == "token-\(epoch)")
            }
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `an opener finds the last checkpoint, the record and the job`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.open("s", in: first)
            try await writer.save(state: #"{"a":1}"#)
            let last = writer.draft(state: #"{"a":2}"#)
            try await first.save(last)

            let opened = try await second.open("s", for: "job-1", as: "token-2")
            #expect(opened.latest == last.checkpoint)
            #expect(opened.start == nil)
            #expect(opened.job == last.job)
            #expect(opened.record.head == 2)
            #expect(opened.record.flow == "sample")
            #expect(opened.record.version == 1)
            #expect(opened.record.status == .running)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a worker that was overtaken cannot save`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            var overtaken = try await Writer.open("s", in: first)
            try await overtaken.save()
            var successor = try await Writer.open("s", in: second)
            await #expect(throws: overtaken.fenced) { try await first.save(overtaken.draft()) }
            try await successor.save()
            await #expect(throws: overtaken.fenced) { try await first.save(overtaken.draft()) }
            #expect(try await first.steps(of: "s") == [2, 1])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a worker that was overtaken cannot record a result`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            var overtaken = try await Writer.open("s", in: first)
            try await overtaken.save()
            _ = try await Writer.open("s", in: second)
            var end = overtaken.draftWithoutCheckpoint()
            end.status = .failed
            end.job?.status = .dead
            await #expect(throws: overtaken.fenced) { try await first.save(end) }
            #expect(try await second.job("job-1")?.status == .running)
            #expect(try await second.session("s")?.record.status == .running)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `the same epoch with another owner's token is refused`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let writer = try await Writer.open("s", in: store)
            var forged = writer.draft()
            forged.owner = "another"
            await #expect(throws: writer.fenced) { try await store.save(forged) }
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `the same owner's token with another epoch is refused`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let early = try await Writer.open("s", in: store, owner: "one")
            let late = try await Writer.open("s", in: store, owner: "one")
            await #expect(throws: early.fenced) { try await store.save(early.draft()) }
            try await store.save(late.draft())
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a writer that has not seen the head is refused`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            let behind = writer
            try await writer.save()
            await #expect(throws: writer.fenced) { try await store.save(behind.draft()) }
            #expect(try await store.steps(of: "s") == [1])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a session that was never opened takes no write`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let writer = try await Writer.open("s", in: store)
            try await store.clear()
            await #expect(throws: writer.fenced) { try await store.save(writer.draft()) }
            await #expect(throws: writer.fenced) { try await store.save(writer.draftWithoutCheckpoint()) }
            #expect(try await store.session("s") == nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a refused write leaves nothing behind`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            var overtaken = try await Writer.open("s", in: first)
            try await overtaken.save()
            _ = try await Writer.open("s", in: second)
            let before = try await second.session("s")
            let job = try await second.job("job-1")

            var refused = overtaken.draft(id: "refused", state: #"{"big":true}"#, metadata: #"{"m":1}"#)
            refused.flow = "other"
            refused.version = 2
            refused.status = .done
            refused.job?.status = .done
            await #expect(throws: overtaken.fenced) { try await first.save(refused) }

            #expect(try await second.session("s") == before)
            #expect(try await second.job("job-1") == job)
            #expect(try await second.checkpoint("refused", of: "s") == nil)
            #expect(try await second.size() == StoreSize(sessions: 1, checkpoints: 1, bytes: 2))
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a write that contradicts itself is refused before the store sees it`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            try await writer.save()
            var stale = writer.draft()
            stale.checkpoint?.step = 1
            await #expect { try await store.save(stale) } throws: { isUnfit($0) }
            var elsewhere = writer.draft()
            elsewhere.checkpoint?.session = "t"
            await #expect { try await store.save(elsewhere) } throws: { isUnfit($0) }
            var foreign = writer.draft()
            foreign.job?.session = "t"
            await #expect { try await store.save(foreign) } throws: { isUnfit($0) }
            #expect(try await store.steps(of: "s") == [1])
        }
    }
}
