import PenstockCheckpointers
import PenstockModel
import Testing

/// What a store promises that others are copied into.
@Suite(.timeLimit(.minutes(1)))
struct ReplicaTests {
    /// A session with three checkpoints of two jobs, and one that has none.
    private func original() async throws -> (store: MemoryCheckpointer, writer: Writer) {
        let store = MemoryCheckpointer()
        var first = try await Writer.open("s", in: store, job: "job-1")
        try await first.save(state: #"{"n":1,"text":"é \"q\""}"#, metadata: #"{"m":1}"#)
        try await first.save(state: #"{"n":2}"#)
        var writer = try await Writer.open("s", in: store, job: "job-2")
        try await writer.save("last", state: #"{"n":3}"#, metadata: #"{"m":3}"#)
        return (store, writer)
    }

    /// All of the session, to be taken over where it stands as `over` says.
    private func copy(_ store: any ReplicaStore, over: SessionFence? = nil) async throws -> SessionCopy {
        let record = try #require(try await store.head(of: "s").record)
        return SessionCopy(
            over: over, record: record, checkpoints: try await store.history(of: "s").reversed(),
            jobs: try await store.jobs(of: "s", limit: .max, after: nil))
    }

    private func expectEqual(_ one: any ReplicaStore, _ other: any ReplicaStore) async throws {
        #expect(try await one.session("s") == other.session("s"))
        #expect(try await one.head(of: "s") == other.head(of: "s"))
        #expect(try await one.history(of: "s") == other.history(of: "s"))
        #expect(try await one.marks(of: "s") == other.marks(of: "s"))
        #expect(
            try await one.jobs(of: "s", limit: .max, after: nil)
                == other.jobs(of: "s", limit: .max, after: nil))
    }

    @Test(arguments: Drivers.replicas)
    func `a session that is taken over is the same, and its writer goes on`(_ driver: CheckpointerDriver)
        async throws
    {
        let (source, writer) = try await original()
        let copy = try await copy(source)
        try await driver.withReplica { store in
            #expect(try await store.absorb(copy))
            try await expectEqual(store, source)
            let next = writer.draft("next")
            try await store.save(next)
            try await source.save(next)
            try await expectEqual(store, source)
            try await store.save(next)
            var opened = try await store.open("s", for: "job-2", as: "token")
            let expected = try await source.open("s", for: "job-2", as: "token")
            // Whether an opening counts as a writing is each store's own affair.
            opened.record.updated = expected.record.updated
            #expect(opened == expected)
        }
    }

    @Test(arguments: Drivers.replicas)
    func `a session is taken over bit by bit`(_ driver: CheckpointerDriver) async throws {
        let (source, _) = try await original()
        let whole = try await copy(source)
        try await driver.withReplica { store in
            var part = SessionCopy(over: nil, record: whole.record)
            part.record.owner = "copying"
            part.record.head = 0
            #expect(try await store.absorb(part))
            part.over = part.record.fence
            for checkpoint in whole.checkpoints {
                part.checkpoints = [checkpoint]
                #expect(try await store.absorb(part))
            }
            #expect(try await store.absorb(part), "one that is stored stays as it is")
            part.record = whole.record
            part.checkpoints = []
            part.jobs = whole.jobs
            #expect(try await store.absorb(part))
            try await expectEqual(store, source)
        }
    }

    @Test(arguments: Drivers.replicas)
    func `a copy is not taken where the session stands otherwise`(_ driver: CheckpointerDriver) async throws {
        let (source, _) = try await original()
        let whole = try await copy(source)
        try await driver.withTwoClients { first, second in
            let store = try #require(second as? any ReplicaStore)
            var copy = whole
            var writer = try await Writer.open("s", in: first, job: "job-9")
            try await writer.save("own")
            let fence = try #require(try await store.session("s")).record.fence
            for over in [
                nil, SessionFence(epoch: fence.epoch, owner: "other", head: 1),
                SessionFence(epoch: fence.epoch + 1, owner: fence.owner, head: 1),
                // As it stood before the writer's last save, which a copy must not take back.
                SessionFence(epoch: fence.epoch, owner: fence.owner, head: 0),
            ] {
                copy.over = over
                #expect(try await store.absorb(copy) == false)
            }
            copy.record.id = "t"
            copy.checkpoints = []
            copy.jobs = []
            copy.over = fence
            #expect(try await store.absorb(copy) == false)
            #expect(try await store.session("t") == nil)
            #expect(try await store.history(of: "s").map(\.node) == ["own"])
            #expect(try await store.jobs(of: "s", limit: .max, after: nil).map(\.id) == ["job-9"])
            try await writer.save()
        }
    }

    @Test(arguments: Drivers.replicas)
    func `whoever wrote before a copy was taken is fenced`(_ driver: CheckpointerDriver) async throws {
        let (source, _) = try await original()
        try await driver.withReplica { store in
            let zombie = try await Writer.open("s", in: store)
            let copy = try await copy(source, over: zombie.opened.record.fence)
            #expect(try await store.absorb(copy))
            await #expect(throws: zombie.fenced) { try await store.save(zombie.draft()) }
            try await expectEqual(store, source)
            #expect(try await store.absorb(copy) == false)
        }
    }

    @Test(arguments: Drivers.replicas)
    func `what the other store does not have is removed`(_ driver: CheckpointerDriver) async throws {
        let (source, _) = try await original()
        let copy = try await copy(source)
        try await driver.withReplica { store in
            #expect(try await store.absorb(copy))
            var writer = try await Writer.open("s", in: store, job: "job-3")
            let extra = try await writer.save("extra", state: #"{"longer":"than the others"}"#)
            #expect(
                try await store.absorb(
                    SessionCopy(
                        over: try #require(try await store.session("s")).record.fence, record: copy.record,
                        removedCheckpoints: [extra.id, "nobody's"], removedJobs: ["job-3", "job-8"])))
            try await expectEqual(store, source)
            #expect(try await store.job("job-3") == nil)
            #expect(try await store.checkpoint(extra.id, of: "s") == nil)
            let opened = try await store.open("s", for: "job-3", as: "token")
            #expect(opened.latest == copy.checkpoints.last)
            #expect(opened.record.head == 3)
        }
    }

    @Test(arguments: Drivers.replicas)
    func `a copy with another session's checkpoint or job is unfit`(_ driver: CheckpointerDriver)
        async throws
    {
        let (source, _) = try await original()
        let copy = try await copy(source)
        try await driver.withReplica { store in
            let other = try await Writer.open("t", in: store, job: "job-7")
            try await store.save(other.draft(id: copy.checkpoints[1].id))
            await #expect { try await store.absorb(copy) } throws: { isUnfit($0) }
            #expect(try await store.session("s") == nil)
            #expect(try await store.job("job-1") == nil)
            var wrong = copy
            wrong.record.id = "u"
            await #expect { try await store.absorb(wrong) } throws: { isUnfit($0) }
            wrong.checkpoints = []
            await #expect { try await store.absorb(wrong) } throws: { isUnfit($0) }
        }
    }

    @Test(arguments: Drivers.replicas)
    func `the jobs of a session are listed page by page, until a reset`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withReplica { store in
            for job in ["job-2", "job-10", "job-1", "B"] as [JobID] {
                var writer = try await Writer.open("s", in: store, job: job)
                try await writer.save()
            }
            var dead = try await Writer.open("s", in: store, job: "dead").draftWithoutCheckpoint()
            dead.job?.status = .dead
            try await store.save(dead)
            var other = try await Writer.open("t", in: store, job: "job-3")
            try await other.save()
            var listed: [JobRecord] = []
            while true {
                let page = try await store.jobs(of: "s", limit: 2, after: listed.last?.id)
                #expect(page.count <= 2)
                if page.isEmpty { break }
                listed += page
            }
            #expect(listed.map(\.id) == ["B", "dead", "job-1", "job-10", "job-2"])
            #expect(listed[1] == dead.job)
            #expect(try await store.jobs(of: "s", limit: 0, after: nil).isEmpty)
            try await store.reset("s")
            #expect(try await store.jobs(of: "s", limit: .max, after: nil).isEmpty)
            #expect(try await store.jobs(of: "t", limit: .max, after: nil) == [store.job("job-3")])
        }
    }

    @Test(arguments: Drivers.replicas)
    func `checkpoints are read by their ids, and only the session's own`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withReplica { store in
            #expect(try await store.head(of: "s") == SessionHead(record: nil, latest: nil))
            #expect(try await store.marks(of: "s").isEmpty)
            var writer = try await Writer.open("s", in: store)
            let (one, two) = (try await writer.save(), try await writer.save())
            var other = try await Writer.open("t", in: store, job: "job-2")
            let third = try await other.save()
            #expect(
                try await store.marks(of: "s") == [
                    CheckpointMark(id: one.id, step: 1), CheckpointMark(id: two.id, step: 2),
                ])
            #expect(try await store.checkpoints([two.id, "none", third.id, one.id], of: "s") == [two, one])
            #expect(try await store.checkpoints([], of: "s").isEmpty)
            let head = try await store.head(of: "s")
            #expect(head.latest == two.id)
            #expect(head.record == (try await store.session("s")?.record))
        }
    }

    @Test(arguments: Drivers.replicas)
    func `how a pair stands is replaced by whoever knows it, and raised`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withTwoClients { first, second in
            let store = try #require(first as? any ReplicaStore)
            let other = try #require(second as? any ReplicaStore)
            let joining = PairStanding(term: 1, active: .primary, standby: .joining)
            let complete = PairStanding(term: 2, active: .primary, standby: .complete)
            let alone = PairStanding(term: 2, active: .secondary, standby: .alone)
            #expect(try await store.standing() == nil)
            #expect(try await store.replace(complete, by: alone) == false)
            #expect(try await store.replace(nil, by: joining))
            #expect(try await other.replace(nil, by: complete) == false)
            #expect(try await other.standing() == joining)
            #expect(try await other.replace(joining, by: complete))
            #expect(try await store.replace(joining, by: alone) == false)
            #expect(try await store.raise(to: joining) == complete)
            #expect(try await store.raise(to: alone) == alone)
            try await store.clear()
            #expect(try await other.raise(to: complete) == alone)
            #expect(try await store.place() == nil)
            #expect(try await store.replace(.place, nil, by: "secondary"))
            #expect(try await other.replace(.place, nil, by: "primary") == false)
            #expect(try await other.place() == .secondary)
            try await other.leavePair()
            #expect(try await store.place() == nil)
            #expect(try await store.standing() == nil)
            #expect(try await store.replace(nil, by: joining))
        }
    }
}
