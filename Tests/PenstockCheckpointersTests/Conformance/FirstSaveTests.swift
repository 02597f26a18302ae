import PenstockModel
import Testing

/// Sessions that are opened by the first save of one who has only looked at them.
@Suite(.timeLimit(.minutes(2)))
struct FirstSaveTests {
    @Test(arguments: Drivers.lookedAt)
    func `a first save brings a new session into being, and the next ones go on`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.look(at: "s", in: first, owner: "token-1")
            let saved = try await writer.save(state: #"{"a":1}"#)
            let record = try #require(try await second.session("s")?.record)
            #expect(record.epoch == 1 && record.owner == "token-1" && record.head == 1)
            #expect(record.flow == "sample" && record.version == 1 && record.status == .running)
            #expect(record.created == saved.timestamp && record.updated == saved.timestamp)
            #expect(saved.epoch == 1)
            #expect(try await second.latest(of: "s") == saved)
            #expect(try await second.job("job-1")?.status == .running)
            try await writer.save()
            try await writer.save()
            #expect(try await second.steps(of: "s") == [3, 2, 1])
            #expect(try await second.session("s")?.record.epoch == 1)
            #expect(try await second.size() == StoreSize(sessions: 1, checkpoints: 3, bytes: 11))
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `a first save without a job's record brings a new session into being too`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.look(at: "s", in: first)
            let saved = try await writer.save { $0.job = nil }
            #expect(try await second.latest(of: "s") == saved)
            #expect(try await second.session("s")?.record.epoch == 1)
            #expect(try await second.job("job-1") == nil)
            // The record comes later.
            try await writer.save()
            #expect(try await second.job("job-1")?.status == .running)
            #expect(try await second.steps(of: "s") == [2, 1])
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `a first save takes over a session that others have written`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withTwoClients { first, second in
            var before = try await Writer.open("s", in: first)
            let created = before.opened.record.created
            try await before.save()
            var after = try await Writer.look(at: "s", in: second, job: "job-2", owner: "token-2")
            let saved = try await after.save()
            #expect(saved.epoch == 2)
            let record = try #require(try await first.session("s")?.record)
            #expect(record.epoch == 2 && record.owner == "token-2" && record.head == 2)
            #expect(record.created == created)
            await #expect(throws: before.fenced) { try await first.save(before.draft()) }
            try await after.save()
            #expect(try await first.steps(of: "s") == [3, 2, 1])
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `of two who have seen the same, the one who saves first wins`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withTwoClients { first, second in
            for isNew in [true, false] {
                for order in [[0, 1], [1, 0]] {
                    let session = SessionID(unchecked: "s-\(isNew)-\(order[0])")
                    let jobs = ["a", "b"].map { JobID(unchecked: "\(session)-\($0)") }
                    if !isNew {
                        var writer = try await Writer.open(session, in: first, job: "before")
                        try await writer.save()
                    }
                    var writers = [
                        try await Writer.look(at: session, in: first, job: jobs[0]),
                        try await Writer.look(at: session, in: second, job: jobs[1]),
                    ]
                    try await writers[order[0]].save()
                    let loser = writers[order[1]]
                    let before = try await first.session(session)
                    await #expect(throws: loser.fenced) { try await loser.store.save(loser.draft()) }
                    await #expect(throws: loser.fenced) {
                        try await loser.store.save(loser.draftWithoutCheckpoint())
                    }
                    #expect(try await second.session(session) == before)
                    #expect(try await second.job(loser.job) == nil)
                    try await writers[order[0]].save()
                }
            }
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `whoever has looked is fenced by one who opens, and one who saved first is so by the next`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            for session in ["new", "old"] as [SessionID] {
                if session == "old" {
                    var writer = try await Writer.open(session, in: first)
                    try await writer.save()
                }
                var overtaken = try await Writer.look(at: session, in: first)
                let opener = try await Writer.open(session, in: second)
                await #expect(throws: overtaken.fenced) { try await first.save(overtaken.draft()) }
                try await second.save(opener.draft())

                overtaken = try await Writer.look(at: session, in: first)
                try await overtaken.save()
                var next = try await Writer.open(session, in: second)
                #expect(next.seen == overtaken.seen && next.epoch == overtaken.epoch + 1)
                await #expect(throws: overtaken.fenced) { try await first.save(overtaken.draft()) }
                try await next.save()
            }
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `whoever has looked is fenced by a save of the owner, by a delete and by a reset`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withStore { store in
            var owner = try await Writer.open("s", in: store)
            let saved = try await owner.save()
            var looker = try await Writer.look(at: "s", in: store)
            try await owner.save()
            await #expect(throws: looker.fenced) { try await store.save(looker.draft()) }
            looker = try await Writer.look(at: "s", in: store)
            try await store.delete(saved.id, of: "s")
            await #expect(throws: looker.fenced) { try await store.save(looker.draft()) }
            looker = try await Writer.look(at: "s", in: store)
            try await store.reset("s")
            await #expect(throws: looker.fenced) { try await store.save(looker.draft()) }
            #expect(try await store.steps(of: "s").isEmpty)
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `a first save whose answer was lost may be asked for again, and counts once`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            for isNew in [true, false] {
                var writer = try await Writer.look(at: "s", in: first)
                let save = writer.draft()
                try await writer.save(id: save.checkpoint?.id)
                let before = try await first.session("s")
                try await second.save(save)
                try await first.save(save)
                #expect(try await first.session("s") == before)
                try await writer.save()
                try await first.save(save)
                #expect(try await first.steps(of: "s") == (isNew ? [2, 1] : [4, 3, 2, 1]))
            }
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `a job's end may be the first that is written, once`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            for epoch in 1...2 {
                let writer = try await Writer.look(at: "s", in: first, owner: "token-\(epoch)")
                var end = writer.draftWithoutCheckpoint()
                end.status = .failed
                end.job?.status = .dead
                try await first.save(end)
                try await second.save(end)
                let record = try #require(try await second.session("s")?.record)
                #expect(record.epoch == Int64(epoch) && record.owner == "token-\(epoch)")
                #expect(record.head == 0 && record.status == .failed && record.flow == "sample")
                #expect(try await second.job("job-1")?.status == .dead)
                #expect(try await second.size() == StoreSize(sessions: 1, checkpoints: 0, bytes: 0))
            }
            // It is not taken for an earlier try of its own when another has written.
            let late = try await Writer.look(at: "s", in: first)
            var other = try await Writer.look(at: "s", in: second)
            try await other.save()
            await #expect(throws: late.fenced) { try await first.save(late.draftWithoutCheckpoint()) }
            var next = try await Writer.look(at: "s", in: first)
            #expect(next.seen == 1)
            try await next.save()
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `a first save that is refused leaves no trace`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            // What was seen is no more.
            var gone = try await Writer.open("gone", in: first)
            try await gone.save()
            gone = try await Writer.look(at: "gone", in: first)
            try await second.clear()
            await #expect(throws: gone.fenced) { try await first.save(gone.draft()) }
            await #expect(throws: gone.fenced) { try await first.save(gone.draftWithoutCheckpoint()) }
            // Nothing is created by one who says that he saw something else than nothing.
            let writer = try await Writer.look(at: "s", in: first)
            var odd = writer.draft()
            odd.owner = "somebody"
            await #expect(throws: writer.fenced) { try await first.save(odd) }
            odd = writer.draft()
            odd.seen = 4
            odd.checkpoint?.step = 5
            await #expect(throws: writer.fenced) { try await first.save(odd) }
            // Nothing is created without a token.
            odd = writer.draft()
            odd.opening = nil
            await #expect(throws: writer.fenced) { try await first.save(odd) }
            odd.opening = ""
            await #expect { try await first.save(odd) } throws: { isUnfit($0) }
            #expect(try await second.session("gone") == nil)
            #expect(try await second.session("s") == nil)
            #expect(try await second.sessions(limit: 9, after: nil).isEmpty)
            #expect(try await second.job("job-1") == nil)
            #expect(try await second.size() == StoreSize(sessions: 0, checkpoints: 0, bytes: 0))
            try await first.save(writer.draft())
        }
    }
}
