import PenstockModel
import PenstockSQL
import PenstockSQLite
import Testing

@testable import PenstockCheckpointers

/// What goes into one transaction, and what each of those who wait is told.
@Suite(.timeLimit(.minutes(1)))
struct SQLGroupTests {
    @Test(arguments: SQLPlace.Kind.allCases)
    func `saves that wait at once are committed in one transaction`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind) { faulty in
            let writers = try await faulty.writers(50)
            let before = faulty.database.writes
            for result in await faulty.saveTogether(writers.map { $0.draft() }) { try result.get() }
            #expect(faulty.database.writes == before + 2)
            #expect(try await faulty.store.size().checkpoints == 50)
        }
    }

    /// A size of the group that is being committed, and how many writes have to wait until another is begun beside it.
    private static let sizes = [(3, 3), (SQLWriteQueue.enough + 4, SQLWriteQueue.enough)]

    @Test(arguments: [SQLPlace.Kind.postgres, .mariadb], sizes)
    @MainActor
    func `a second connection waits for as many writes as the first is committing, or enough`(
        _ kind: SQLPlace.Kind, _ size: (committing: Int, awaited: Int)
    ) async throws {
        try await FaultyStore.with(kind, writers: 2) { faulty in
            let (store, database) = (faulty.store, faulty.database)
            var writers = try await faulty.writers(2 + size.committing + size.awaited)[...]
            // On this actor each save runs up to where it waits for its answer.
            func save(_ count: Int) async -> [Task<Void, any Error>] {
                let tasks = writers.prefix(count).map { writer in
                    Task { @MainActor in try await store.save(writer.draft()) }
                }
                writers = writers.dropFirst(count)
                await Task { @MainActor in }.value
                return tasks
            }
            let first = database.holdNext(beforehand: true)
            let second = database.holdNext(beforehand: true)
            let group = database.holdNext(beforehand: true)
            var committing = await save(1)
            await first.isReached()
            let other = await save(1)
            await second.isReached()
            committing += await save(size.committing)
            first.end()
            await group.isReached()
            second.end()
            try await other[0].value

            let before = database.writes
            var others = await save(size.awaited - 1)
            #expect(database.writes == before)
            others += await save(1)
            for task in others { try await task.value }
            #expect(database.writes == before + 1)
            group.end()
            for task in committing { try await task.value }
        }
    }

    /// Looks are not made with the writes, whose transactions may wait: for the disk, or for another's lock.
    @Test(arguments: [SQLPlace.Kind.postgres, .mariadb])
    func `a look waits for no write`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind, writers: 2) { faulty in
            let writers = try await faulty.writers(2)
            let holds = [faulty.database.holdNext(), faulty.database.holdNext()]
            var saves: [Task<Void, any Error>] = []
            for (writer, hold) in zip(writers, holds) {
                saves.append(Task { try await faulty.store.save(writer.draft()) })
                await hold.isReached()
            }
            #expect(try await faulty.store.look(at: "new", for: "job")?.record.epoch == 0)
            for hold in holds { hold.end() }
            for save in saves { try await save.value }
        }
    }

    /// Fewer and more than PostgreSQL is given one by one.
    private static let few = 4, many = 12

    @Test(arguments: SQLPlace.Kind.allCases, [few, many])
    func `opens and saves of several sessions share a transaction, each with its own answer`(
        _ kind: SQLPlace.Kind, _ count: Int
    )
        async throws
    {
        try await FaultyStore.with(kind) { faulty in
            let writers = try await faulty.writers(count)
            _ = try await Writer.open("s-2", in: faulty.store)
            let results = await faulty.saveTogether(writers.reversed().map { $0.draft() })
            for (writer, result) in zip(writers.reversed(), results) {
                if writer.session == "s-2" {
                    #expect(throws: writer.fenced) { try result.get() }
                } else {
                    #expect(throws: Never.self) { try result.get() }
                }
            }
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases, [few, many])
    func `first saves of new and old sessions share a transaction, each with its own answer`(
        _ kind: SQLPlace.Kind, _ count: Int
    )
        async throws
    {
        try await FaultyStore.with(kind) { faulty in
            let store = faulty.store
            var writers = try await faulty.writers(3)
            for number in 0..<3 {
                let session = writers[number].session
                writers[number] = try await Writer.look(at: session, in: store, job: writers[number].job)
            }
            for session in ["n-0", "n-1", "n-2"] as [SessionID] {
                writers.append(
                    try await Writer.look(at: session, in: store, job: JobID(checking: "\(session)")))
            }
            let before = faulty.database.writes
            for result in await faulty.saveTogether(writers.map { $0.draft() }) { try result.get() }
            #expect(faulty.database.writes == before + 2)
            #expect(try await store.size() == StoreSize(sessions: 7, checkpoints: 6, bytes: 12))

            let others = (4..<count).map { SessionID(unchecked: "o-\($0)") }
            for session in ["s-1", "n-1", "m-0", "m-1"] + others {
                writers.append(
                    try await Writer.look(at: session, in: store, job: JobID(checking: "\(session)")))
            }
            let together = Array(writers.suffix(count))
            for overtaken in [together[1], together[3]] {
                _ = try await Writer.open(overtaken.session, in: store)
            }
            let results = await faulty.saveTogether(together.map { $0.draft() })
            for (number, (writer, result)) in zip(together, results).enumerated() {
                if number == 1 || number == 3 {
                    #expect(throws: writer.fenced) { try result.get() }
                } else {
                    #expect(throws: Never.self) { try result.get() }
                }
            }
            let added = others.count
            #expect(
                try await store.size()
                    == StoreSize(sessions: 9 + added, checkpoints: 8 + added, bytes: 16 + 2 * added))
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `looks that go together each see their own session`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind) { faulty in
            let store = faulty.store
            var ours = try await Writer.open("ours", in: store, job: "job-ours")
            let last = try await ours.save()
            let saving = try await Writer.look(at: "saving", in: store)
            let insert = SQLTemplate(
                """
                INSERT INTO \(store.tables.checkpoint) (checkpoint_id, session_id, timestamp, node_name, step, state)
                VALUES ('l4', 'llmfy', '2027-01-01 00:00:00', 'node', 4, '{}')
                """, store.dialect.places)
            _ = try await store.database.commit { SQLBatch([insert()]) }
            let before = faulty.database.writes
            let (seen, saved) = await lookTogether(["llmfy", "new", "ours"], saving: saving, in: faulty)
            try saved.get()
            #expect(faulty.database.writes == before + 2)
            #expect(seen[0] == nil)
            #expect(seen[1]?.record.epoch == 0 && seen[1]?.latest == nil)
            #expect(seen[2]?.record.epoch == 1 && seen[2]?.latest == last && seen[2]?.job?.id == "job-ours")
        }
    }

    /// Looks at the sessions while a transaction is under way, and makes a save, so that all of it goes together.
    @MainActor
    private func lookTogether(
        _ sessions: [SessionID], saving writer: Writer, in faulty: FaultyStore
    ) async -> ([OpenedSession?], Result<Void, any Error>) {
        let store = faulty.store
        let hold = faulty.database.holdNext()
        let first = Task { @MainActor in try await store.open("first", for: "first", as: "first") }
        await hold.isReached()
        let tasks = sessions.map { session in
            Task { @MainActor in
                try await store.look(at: session, for: JobID(checking: "job-\(session)"))
            }
        }
        let save = Task { @MainActor in try await store.save(writer.draft()) }
        await Task { @MainActor in }.value
        hold.end()
        _ = await first.result
        var seen: [OpenedSession?] = []
        for task in tasks { seen.append(try? await task.value) }
        return (seen, await save.result)
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `openings that go together each find what stands, what llmfy has written too`(_ kind: SQLPlace.Kind)
        async throws
    {
        try await FaultyStore.with(kind) { faulty in
            let store = faulty.store
            var ours = try await Writer.open("ours", in: store, job: "job-ours")
            let last = try await ours.save()
            var mixed = try await Writer.open("mixed", in: store)
            try await mixed.save()
            let insert = SQLTemplate(
                """
                INSERT INTO \(store.tables.checkpoint) (checkpoint_id, session_id, timestamp, node_name, step, state)
                VALUES ($1, $2, '2027-01-01 00:00:00', $3, $4, '{}')
                """, store.dialect.places)
            _ = try await store.database.commit {
                SQLBatch([
                    insert(["m2", "mixed", "node", 2]), insert(["m2s", "mixed", "__start__", 2]),
                    insert(["l4", "llmfy", "node", 4]),
                ])
            }
            let opened = await openTogether(["llmfy", "mixed", "new", "ours"], in: faulty)
            #expect(opened.map(\.?.latest?.id.text) == ["l4", "m2", nil, last.id.text])
            #expect(opened.map(\.?.start?.id.text) == [nil, "m2s", nil, nil])
            #expect(opened.map(\.?.record.head) == [4, 2, 0, 1])
            #expect(opened.map(\.?.record.owner) == ["t-llmfy", "t-mixed", "t-new", "t-ours"])
            #expect(opened.map(\.?.record.epoch).last == 2)
            #expect(opened.map(\.?.job?.id) == [nil, nil, nil, "job-ours"])
            for (number, session) in (["llmfy", "mixed", "new", "ours"] as [SessionID]).enumerated() {
                let record = try await store.session(session)?.record
                #expect(record?.epoch == opened[number]?.record.epoch)
                #expect(record?.head == opened[number]?.record.head)
            }
        }
    }

    /// Opens the sessions so that all of them wait while a transaction is under way, each for a job of its own name.
    @MainActor
    private func openTogether(_ sessions: [SessionID], in faulty: FaultyStore) async -> [OpenedSession?] {
        let store = faulty.store
        let hold = faulty.database.holdNext()
        let first = Task { @MainActor in try await store.open("first", for: "first", as: "first") }
        await hold.isReached()
        let tasks = sessions.map { session in
            Task { @MainActor in
                try await store.open(
                    session, for: JobID(checking: "job-\(session)"), as: "t-\(session)")
            }
        }
        await Task { @MainActor in }.value
        hold.end()
        _ = await first.result
        var opened: [OpenedSession?] = []
        for task in tasks { opened.append(try? await task.value) }
        return opened
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `two saves of one session in a group are made in the order in which they came`(_ kind: SQLPlace.Kind)
        async throws
    {
        try await FaultyStore.with(kind) { faulty in
            var writer = try await Writer.open("s", in: faulty.store)
            let first = writer.draft()
            var second = first
            second.seen = 1
            second.checkpoint?.step = 2
            second.checkpoint?.id = "second"
            for result in await faulty.saveTogether([first, second, first]) { try result.get() }
            #expect(try await faulty.store.steps(of: "s") == [2, 1])
            writer = try await Writer.open("s", in: faulty.store)
            #expect(writer.seen == 2)
        }
    }
}
