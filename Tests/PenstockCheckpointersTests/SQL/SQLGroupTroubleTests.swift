import PenstockModel
import PenstockSQL
import PenstockSQLite
import Testing

@testable import PenstockCheckpointers

/// Groups of writes whose database goes wrong, or whose callers go away.
@Suite(.timeLimit(.minutes(1)))
struct SQLGroupTroubleTests {
    @Test(arguments: SQLPlace.Kind.allCases, [4, 12])
    func `a save that the database refuses does not take its group with it`(
        _ kind: SQLPlace.Kind, _ count: Int
    )
        async throws
    {
        try await FaultyStore.with(kind) { faulty in
            let writers = try await faulty.writers(count + 1)
            try await faulty.store.save(writers[0].draft(id: "taken"))
            let before = faulty.database.writes
            var saves = writers.dropFirst().map { $0.draft() }
            saves[2].checkpoint?.id = "taken"
            let results = await faulty.saveTogether(saves)
            for (index, result) in results.enumerated() {
                if index == 2 {
                    #expect { try result.get() } throws: { isUnfit($0) }
                } else {
                    #expect(throws: Never.self) { try result.get() }
                }
            }
            // The held one, the group, and each of its saves alone.
            #expect(faulty.database.writes == before + 2 + count)
            #expect(try await faulty.store.size().checkpoints == count)
            #expect(try await faulty.store.session(saves[2].session)?.record.head == 0)
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `a save whose answer was lost is made again and counts once`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind) { faulty in
            var writer = try await Writer.open("s", in: faulty.store)
            faulty.database.fail([.after(.connectionLost(reason: "cut"))])
            try await writer.save()
            faulty.database.fail([.before(.connectionLost(reason: "cut"))])
            try await writer.save()
            faulty.database.fail([
                .after(.contention(reason: "busy")), .before(.startAnew(reason: "conflict")),
            ])
            try await writer.save()
            #expect(try await faulty.store.steps(of: "s") == [3, 2, 1])
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `an open whose answer was lost gives the epoch that stands`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind) { faulty in
            faulty.database.fail([.after(.connectionLost(reason: "cut"))])
            var writer = try await Writer.open("s", in: faulty.store)
            #expect(writer.epoch == 2)
            try await writer.save()
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `a database that stays away makes the store unavailable, and the save can be made later`(
        _ kind: SQLPlace.Kind
    )
        async throws
    {
        try await FaultyStore.with(kind) { faulty in
            let writer = try await Writer.open("s", in: faulty.store)
            for error in [SQLError.connectionLost(reason: "cut"), .contention(reason: "busy")] {
                faulty.database.fail([
                    .after(error), .before(error), .before(error), .before(error), .before(error),
                ])
                await #expect { try await faulty.store.save(writer.draft(id: "c")) } throws: {
                    isUnavailable($0)
                }
            }
            try await faulty.store.save(writer.draft(id: "c"))
            #expect(try await faulty.store.steps(of: "s") == [1])
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `a full disk refuses each write of a group, and nothing is kept of it`(_ kind: SQLPlace.Kind)
        async throws
    {
        try await FaultyStore.with(kind) { faulty in
            let writers = try await faulty.writers(2)
            let full = SQLError.refused(reason: "There is no room left.")
            let results = await faulty.saveTogether(
                writers.map { $0.draft() },
                failing: [.before(full), .before(full), .before(full)])
            for result in results {
                #expect { try result.get() } throws: { isRefused($0) }
            }
            #expect(try await faulty.store.size().checkpoints == 0)
        }
    }

    @Test
    func `a file that another process keeps to itself makes the store unavailable, and then serves again`()
        async throws
    {
        let scratch = try ScratchFolder()
        try await FaultyStore.with(.sqlite(in: scratch)) { other in
            let store = try await SQLCheckpointer.sqlite(
                path: scratch.file, options: SQLiteOptions(patience: .milliseconds(20)))
            let writer = try await Writer.open("s", in: store)
            let hold = other.database.holdNext()
            async let opened = other.store.open("elsewhere", for: "job-2", as: "token")
            await hold.isReached()
            await #expect { try await store.save(writer.draft(id: "c")) } throws: { isUnavailable($0) }
            await #expect { try await store.reset("s") } throws: { isUnavailable($0) }
            #expect(try await store.latest(of: "s") == nil)
            hold.end()
            _ = try await opened
            try await store.save(writer.draft(id: "c"))
            #expect(try await other.store.steps(of: "s") == [1])
            await store.close()
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `a save is made although the task that asked for it was cancelled`(_ kind: SQLPlace.Kind)
        async throws
    {
        try await FaultyStore.with(kind) { faulty in
            let writer = try await Writer.open("s", in: faulty.store)
            let hold = faulty.database.holdNext()
            let task = Task { try await faulty.store.save(writer.draft()) }
            await hold.isReached()
            task.cancel()
            hold.end()
            try await task.value
            #expect(try await faulty.store.steps(of: "s") == [1])
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `closing waits for what is under way`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind) { faulty in
            let writer = try await Writer.open("s", in: faulty.store)
            let hold = faulty.database.holdNext()
            async let saved: Void = faulty.store.save(writer.draft())
            await hold.isReached()
            async let closed: Void = faulty.store.close()
            hold.end()
            await closed
            try await saved
            let reopened = try await faulty.place.store()
            #expect(try await reopened.steps(of: "s") == [1])
            await reopened.close()
        }
    }
}
