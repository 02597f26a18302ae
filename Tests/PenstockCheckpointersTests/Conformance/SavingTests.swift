import PenstockModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SavingTests {
    @Test(arguments: Drivers.checkpointers)
    func `a checkpoint comes back as it was saved`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.open("s", in: first)
            let bare = try await writer.save()
            let full = try await writer.save("price", state: #"{"items":["é"]}"#, metadata: #"{"by":"ö"}"#)
            #expect(try await second.checkpoint(bare.id, of: "s") == bare)
            #expect(try await second.checkpoint(full.id, of: "s") == full)
            #expect(try await second.latest(of: "s") == full)
            #expect(try await second.history(of: "s") == [full, bare])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `the nodes that come next are kept, however many`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            for (number, next) in [[], ["__end__"], ["a", "b:c", "d.e-f_g"]].enumerated() {
                let writer = try await Writer.open(SessionID(checking: "s\(number)"), in: store)
                var save = writer.draft()
                save.checkpoint?.next = next
                try await store.save(save)
                #expect(try await store.latest(of: writer.session)?.next == next)
            }
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `the same save may be asked for again`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            let writer = try await Writer.open("s", in: first)
            let save = writer.draft()
            try await first.save(save)
            try await first.save(save)
            try await second.save(save)
            #expect(try await second.history(of: "s") == [save.checkpoint].compactMap(\.self))
            #expect(try await second.size() == StoreSize(sessions: 1, checkpoints: 1, bytes: 2))
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `an older save that took effect may be asked for again, and changes nothing`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            let older = writer.draft(state: #"{"n":1}"#)
            try await store.save(older)
            writer = try await Writer.open("s", in: store)
            var newer = writer.draft(state: #"{"n":2}"#)
            newer.job?.status = .done
            newer.status = .done
            try await store.save(newer)
            try await store.save(older)
            #expect(try await store.steps(of: "s") == [2, 1])
            #expect(try await store.job("job-1")?.status == .done)
            #expect(try await store.session("s")?.record.status == .done)
            #expect(try await store.session("s")?.record.head == 2)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a checkpoint of another session does not stand in for one's own`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            let other = try await Writer.open("other", in: store, job: "job-2")
            try await store.save(other.draft(id: "shared"))
            let overtaken = try await Writer.open("s", in: store)
            _ = try await Writer.open("s", in: store)
            await #expect(throws: overtaken.fenced) { try await store.save(overtaken.draft(id: "shared")) }
            #expect(try await store.checkpoint("shared", of: "s") == nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `the job's record becomes visible with its checkpoint`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            #expect(try await store.job("job-1") == nil)
            try await writer.save()
            #expect(try await store.job("job-1")?.merged == true)
            #expect(try await store.open("s", for: "job-1", as: "next").job?.merged == true)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a job's end can be recorded without a checkpoint`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            let checkpoint = try await writer.save()
            var end = writer.draftWithoutCheckpoint()
            end.status = .failed
            end.job?.status = .dead
            end.job?.error = "node work: no \"luck\" – é\n"
            end.job?.attempts = 5
            try await store.save(end)
            try await store.save(end)
            #expect(try await store.job("job-1") == end.job)
            #expect(try await store.latest(of: "s") == checkpoint)
            let record = try await store.session("s")?.record
            #expect(record?.status == .failed)
            #expect(record?.head == 1)
            try await writer.save()
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a session's record says who wrote last, and when`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            try await writer.save()
            var save = writer.draft()
            save.flow = "sample"
            save.version = 7
            save.status = .waiting
            try await store.save(save)
            let record = try #require(try await store.session("s")).record
            #expect(record.flow == "sample")
            #expect(record.version == 7)
            #expect(record.status == .waiting)
            #expect(record.head == 2)
            #expect(record.epoch == writer.epoch)
            #expect(record.owner == writer.opened.record.owner)
            #expect(record.created == writer.opened.record.created)
            #expect(record.updated == save.job?.updated)
        }
    }
}
