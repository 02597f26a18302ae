import PenstockModel
import PenstockSQL
import Testing

@testable import PenstockCheckpointers

/// Cleaning where SQL is different: looking and removing are two transactions, and llmfy shares the table.
@Suite(.timeLimit(.minutes(1)))
struct SQLCleaningTests {
    @Test func `llmfy's start row and the node's row that has the position stay together`() async throws {
        try await LlmfyTable.with(4) { llmfy in
            var writer = try await llmfy.open()
            for _ in 1...2 { try await writer.save() }
            try await llmfy.add("theirs", node: "score", step: 6, after: 10_000)
            try await llmfy.add("again", node: "__start__", step: 6, after: 10_001)
            try await llmfy.store.pass(keeping: .all(1), at: .day(1))
            let opened = try await llmfy.open().opened
            #expect(opened.latest?.id == "theirs")
            #expect(opened.start?.id == "again")
            #expect(try await llmfy.store.history(of: LlmfyTable.session).count == 2)
        }
    }

    @Test func `a done session on which llmfy goes on keeps what it wrote`() async throws {
        try await LlmfyTable.with(4) { llmfy in
            var writer = try await llmfy.open()
            try await writer.save(on: 2, .done)
            try await llmfy.add("theirs", node: "score", step: 5, after: 20 * 86_400_000)
            try await llmfy.store.pass(keeping: .all(days: 10), at: .day(25))
            #expect(try await llmfy.store.steps(of: LlmfyTable.session) == [5])
            try await llmfy.store.pass(keeping: .all(days: 10), at: .day(40))
            #expect(try await llmfy.store.steps(of: LlmfyTable.session) == [])
            // The head was lifted over what llmfy wrote, so that no step is given twice.
            #expect(try await llmfy.store.session(LlmfyTable.session)?.record.head == 5)
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `whoever opens a session between the look and the removal keeps its last checkpoint`(
        _ kind: SQLPlace.Kind
    ) async throws {
        try await FaultyStore.with(kind) { faulty in
            let store = faulty.store
            try await Writer.session("s", in: store, days: 1...3, .done)
            let record = try #require(try await store.session("s")).record
            let limits = try #require(Retention.all(days: 7).limits(of: "sample", at: .day(20)))
            let search = SQLCleaningSearch(
                store.cleaning, session: record, limits: limits, isDryRun: false,
                position: CleaningPosition(), rows: 100)
            let find = try await faulty.database.read { connection throws(SQLError) in
                try search.find(on: connection)
            }
            #expect(find.removed.checkpoints == 2)
            #expect(find.last?.checkpoints == 1)

            var next = try await Writer.open("s", in: store, job: "job-2")
            #expect(next.opened.latest?.step == 3)
            let answers = try await faulty.database.commit { SQLBatch(find.commands) }
            #expect(answers.last?.changes == 0)
            #expect(try await store.steps(of: "s") == [3])
            try await next.save()
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `a page whose removal fails is asked for again`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind) { faulty in
            try await Writer.session("s", in: faulty.store, days: 1...5, .done)
            let lost = SQLError.connectionLost(reason: "cut")
            faulty.database.fail([.before(lost), .after(lost), .before(lost)])
            try await faulty.store.pass(keeping: .all(2), at: .day(6))
            #expect(try await faulty.store.steps(of: "s") == [5, 4])
            faulty.database.fail([.before(.refused(reason: "disk full"))])
            await #expect { try await faulty.store.pass(keeping: .all(1), at: .day(6)) } throws: {
                isRefused($0)
            }
            #expect(try await faulty.store.steps(of: "s") == [5, 4])
        }
    }

    /// A writer changes its checkpoints before its job: whoever holds old checkpoints must not ask for the job.
    @Test(arguments: [SQLPlace.Kind.postgres, .mariadb])
    func `checkpoints go while their job's row is another's`(_ kind: SQLPlace.Kind) async throws {
        try await FaultyStore.with(kind) { writer in
            let cleaner = try await writer.place.store()
            try await Writer.session("s", in: writer.store, days: 1...5)
            let hold = writer.database.holdNext()
            async let changed: Void = writer.database.write { connection throws(SQLError) in
                let answer = try connection.run(SQLCommand("UPDATE penstock_job SET worker = 'busy'"))
                #expect(answer.changes == 1)
            }
            await hold.isReached()
            let pass = await Task { try await cleaner.pass(keeping: .all(2), at: .day(6)) }.result
            hold.end()
            try await changed
            #expect(try pass.get().removed["sample"]?.checkpoints == 3)
            #expect(try await cleaner.steps(of: "s") == [5, 4])
            await cleaner.close()
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `ten thousand checkpoints go page by page`(_ kind: SQLPlace.Kind) async throws {
        let place = try await SQLPlace.make(kind)
        let store = try await place.store()
        try await store.fill(10_000, place.dialect)
        var writer = try await Writer.open("s", in: store)
        try await writer.save()
        let pass = try await store.pass(keeping: .all(10), at: .day(1))
        #expect(pass.removed == ["sample": Removed(checkpoints: 9_991, bytes: 19_982)])
        #expect(pass.mostRows <= CleanedPage.mostRows)
        #expect(try await store.steps(of: "s") == Array((9_992...10_001).reversed()))
        try await writer.save()
        await store.close()
    }

    /// By the plan, not by the clock: each statement goes to its rows by an index.
    @Test(arguments: ["penstock_", "llmfy_"])
    func `cleaning a session does not read the others`(_ prefix: String) async throws {
        let scratch = try ScratchFolder()
        let store = try await SQLCheckpointer.sqlite(path: scratch.file, tablePrefix: prefix)
        let cleaning = store.cleaning
        let byStep = "INDEX idx_\(prefix)session_step (session_id=?"
        for (statement, expected) in [
            (cleaning.sessions, "(id>?)"), (cleaning.jobs, "idx_\(prefix)job_session (session_id=?"),
            (cleaning.deleteJobs, "session_id=?"), (cleaning.lastStep, byStep),
            (cleaning.stepBefore, "COVERING \(byStep)"), (cleaning.oldest, byStep), (cleaning.amount, byStep),
            (cleaning.results, byStep), (cleaning.deleteCheckpoints(4), byStep), (cleaning.shutOut, "(id=?)"),
            (cleaning.empty, "(session_id=?"),
        ] {
            let plan = try await store.plan(of: statement)
            #expect(plan.contains { $0.contains(expected) }, "\(plan) for \(statement)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") && $0 != "SCAN page" }, "\(plan) for \(statement)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") && statement != cleaning.jobs }, "\(plan)")
        }
        await store.close()
    }
}
