import PenstockModel
import Testing

@testable import PenstockCheckpointers

@Suite(.timeLimit(.minutes(1)))
struct StoreCopyTests {
    private func filled() async throws -> MemoryCheckpointer {
        let store = MemoryCheckpointer()
        try await CopiedStore.fill(store)
        return store
    }

    @Test(arguments: Drivers.replicas, Drivers.replicas)
    func `a store is copied into another of any kind, and then it is there already`(
        _ one: CheckpointerDriver, _ other: CheckpointerDriver
    ) async throws {
        try await one.withCopyTarget { source in
            try await CopiedStore.fill(source)
            try await other.withCopyTarget { target in
                let report = try await StoreCopy(from: source, to: target).run()
                #expect(report.sessions == 3)
                #expect(report.checkpoints == 7)
                #expect(report.jobs == 3)
                #expect(report.bytes > 0)
                #expect(report.isComplete)
                #expect(report.notes.isEmpty)
                let again = try await StoreCopy(from: source, to: target).run()
                #expect(again.alreadyThere == 3)
                #expect(again.sessions + again.checkpoints + again.jobs + again.bytes == 0)
                #expect(again.isComplete)
                try await CopiedStore.expectEqual(in: target, and: source)
            }
        }
    }

    @Test func `what came since is copied, and what was forgotten is forgotten there too`() async throws {
        let (source, target) = (try await filled(), MemoryCheckpointer())
        _ = try await StoreCopy(from: source, to: target).run()
        var writer = try await Writer.open("chat", in: source, job: "job-2")
        let first = try #require(try await source.marks(of: "chat").first)
        try await source.delete(first.id, of: "chat")
        writer = try await Writer.open("chat", in: source, job: "job-3")
        try await writer.save("new")
        try await source.reset("alone")
        let report = try await StoreCopy(from: source, to: target).run()
        #expect(report.sessions == 2)
        #expect(report.alreadyThere == 1)
        #expect(report.checkpoints == 1)
        #expect(report.jobs == 1)
        try await CopiedStore.expectEqual(in: target, and: source)
    }

    @Test func `one session is copied alone, and one that is not there is none`() async throws {
        let (source, target) = (try await filled(), MemoryCheckpointer())
        #expect(try await StoreCopy(from: source, to: target).run(only: "chat").sessions == 1)
        #expect(try await target.sessions(limit: 9, after: nil).map(\.record.id) == ["chat"])
        #expect(try await StoreCopy(from: source, to: target).run(only: "nobody").seen == 0)
    }

    @Test(arguments: [true, false])
    func `a copy that is cut off anywhere is finished by the next`(_ takesEffect: Bool) async throws {
        let source = try await filled()
        let counting = WatchedStore(MemoryCheckpointer())
        let limits = SessionTransfer.Limits(bytes: 1)
        _ = try await StoreCopy(from: source, to: counting, limits: limits).run()
        #expect(counting.absorbed > 12)
        for last in 1...counting.absorbed {
            let target = MemoryCheckpointer()
            let cut: WatchedStore.Absorb = { number, copy throws(CheckpointerError) in
                if number >= last { throw .unavailable(reason: "cut off") }
                return copy
            }
            let broken =
                takesEffect
                ? WatchedStore(target, afterAbsorbing: cut) : WatchedStore(target, beforeAbsorbing: cut)
            await #expect {
                _ = try await StoreCopy(from: source, to: broken, limits: limits).run()
            } throws: {
                isUnavailable($0)
            }
            let report = try await StoreCopy(from: source, to: target).run()
            #expect(report.isComplete)
            #expect(report.seen == 3)
            #expect(report.notes.isEmpty)
            // Opening raises epochs: on copies of both, so that each round finds the source as it was.
            let (one, other) = (MemoryCheckpointer(), MemoryCheckpointer())
            _ = try await StoreCopy(from: target, to: one).run()
            _ = try await StoreCopy(from: source, to: other).run()
            try await CopiedStore.expectEqual(in: one, and: other)
        }
    }

    @Test(arguments: Drivers.replicas)
    func `a session that was opened in the target is left alone there`(_ driver: CheckpointerDriver)
        async throws
    {
        let source = try await filled()
        try await driver.withCopyTarget { target in
            _ = try await StoreCopy(from: source, to: target).run()
            var worker = try await Writer.open("chat", in: target, job: "job-2")
            var report = try await StoreCopy(from: source, to: target).run()
            #expect(report.leftAlone == 1)
            #expect(report.notes.map(\.session) == ["chat"])
            #expect(report.isComplete, "it has all that the source has")
            try await worker.save("there")

            var there = try await Writer.open("chat", in: source, job: "job-2")
            try await there.save("here")
            report = try await StoreCopy(from: source, to: target).run()
            #expect(report.leftAlone == 1)
            #expect(report.isComplete == false)
            #expect(try await target.history(of: "chat").first?.node == "there")
            try await worker.save("there")
        }
    }

    @Test func `whoever opens the session while it is copied keeps it`() async throws {
        let (source, target) = (try await filled(), MemoryCheckpointer())
        let watched = WatchedStore(target) { number, copy throws(CheckpointerError) in
            if number == 4 { _ = try await target.open("chat", for: "j", as: "w") }
            return copy
        }
        let report = try await StoreCopy(from: source, to: watched, limits: .init(bytes: 1)).run(only: "chat")
        #expect(report.leftAlone == 1)
        #expect(report.isComplete == false)
        #expect(try await target.head(of: "chat").record?.owner == "w")
    }

    @Test func `what llmfy may have written in the target is never removed`() async throws {
        let source = try await filled()
        try await CheckpointerDriver.sqlite.withCopyTarget { target in
            _ = try await StoreCopy(from: source, to: target).run()
            let record = try #require(try await target.head(of: "chat").record)
            let row = Checkpoint(
                id: "theirs", session: "chat", timestamp: .sample(99), node: "n", step: record.head + 1,
                state: [])
            #expect(
                try await target.absorb(SessionCopy(over: record.fence, record: record, checkpoints: [row])))
            var writer = try await Writer.open("chat", in: source)
            try await writer.save()
            let report = try await StoreCopy(from: source, to: target).run()
            #expect(report.leftAlone == 1)
            #expect(report.isComplete == false)
            #expect(try await target.latest(of: "chat")?.id == "theirs")
        }
    }

    @Test func `a session that changes while it is copied is gone over again`() async throws {
        let (source, target) = (try await filled(), MemoryCheckpointer())
        let writer = Moving(source)
        let watched = WatchedStore(source, afterReading: { _ in await writer.move(atMost: 2) })
        let report = try await StoreCopy(from: watched, to: target).run()
        #expect(report.isComplete)
        #expect(report.sessions == 3)
        try await CopiedStore.expectEqual(in: target, and: source)
    }

    @Test func `a session that never stands still is named`() async throws {
        let (source, target) = (try await filled(), MemoryCheckpointer())
        let writer = Moving(source)
        let watched = WatchedStore(source, afterReading: { _ in await writer.move(atMost: .max) })
        let report = try await StoreCopy(from: watched, to: target).run(only: "chat")
        #expect(report.moving == 1)
        #expect(report.notes.map(\.kind) == [.moving])
        #expect(report.isComplete == false)
        let next = try await StoreCopy(from: source, to: target).run()
        #expect(next.isComplete)
        try await CopiedStore.expectEqual(in: target, and: source)
    }

    @Test func `a target that keeps something else than it was given is found out`() async throws {
        let source = try await filled()
        func report(_ change: @escaping @Sendable (inout SessionCopy) -> Void) async throws -> StoreCopyReport
        {
            let target = WatchedStore(MemoryCheckpointer()) { _, copy throws(CheckpointerError) in
                var copy = copy
                change(&copy)
                return copy
            }
            return try await StoreCopy(from: source, to: target).run(only: "chat")
        }
        let state = try await report { if !$0.checkpoints.isEmpty { $0.checkpoints[1].state = [] } }
        #expect(state.notes.first?.reason.contains("1 checkpoints read otherwise") == true)
        let row = try await report { $0.checkpoints = Array($0.checkpoints.dropLast()) }
        #expect(row.notes.first?.reason.contains("1 checkpoints are missing there") == true)
        let record = try await report { if $0.record.owner.hasPrefix("copied:") { $0.record.head -= 1 } }
        #expect(record.notes.first?.reason == "its record reads otherwise")
        let job = try await report { if !$0.jobs.isEmpty { $0.jobs[0].attempts = 9 } }
        #expect(job.notes.first?.reason == "1 jobs read otherwise")
        for report in [state, row, record, job] {
            #expect(report.different == 1)
            #expect(report.sessions == 0)
            #expect(report.isComplete == false)
        }
    }

    @Test func `a job that is another session's in the target stays that one's`() async throws {
        let (source, target) = (try await filled(), MemoryCheckpointer())
        var writer = try await Writer.open("own", in: target, job: "job-1")
        try await writer.save()
        for _ in 1...2 {
            let report = try await StoreCopy(from: source, to: target).run()
            #expect(report.different == 1)
            #expect(report.notes.first?.reason == "1 jobs are another session's there, job-1 first")
            #expect(try await target.job("job-1")?.session == "own")
        }
    }

    @Test
    func `a checkpoint that is another session's in the target is named, and the other sessions arrive`()
        async throws
    {
        let (source, target) = (try await filled(), MemoryCheckpointer())
        let id = try #require(try await source.latest(of: "alone")?.id)
        let writer = try await Writer.open("own", in: target, job: "job-own")
        try await target.save(writer.draft(id: id))
        let report = try await StoreCopy(from: source, to: target).run()
        #expect(report.refused == 1)
        #expect(report.notes.map(\.session) == ["alone"])
        #expect(report.sessions == 2)
        #expect(report.isComplete == false)
    }

    @Test func `ten thousand checkpoints are copied without holding their states`() async throws {
        let place = try await SQLPlace.make(.sqlite)
        let source = try await place.store()
        try await place.script(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
            INSERT INTO penstock_checkpoint (checkpoint_id, session_id, timestamp, node_name, step, state, next, epoch)
            SELECT 'c' || i, 'long', '2026-01-02 03:04:05.000000', 'loop', i,
            '{"text": "' || HEX(ZEROBLOB(500)) || '", "n": ' || i || '}', '["loop"]', 1 FROM n
            """)
        let limit = 64 * 1024
        try await CheckpointerDriver.redis.withCopyTarget { target in
            let isSmall: @Sendable ([Checkpoint]) -> Bool = { $0.reduce(0) { $0 + $1.state.count } <= limit }
            let watchedSource = WatchedStore(source, afterReading: { #expect(isSmall($0)) })
            let watchedTarget = WatchedStore(
                target,
                beforeAbsorbing: { _, copy in
                    #expect(isSmall(copy.checkpoints))
                    return copy
                }, afterReading: { #expect(isSmall($0)) })
            let copy = StoreCopy(from: watchedSource, to: watchedTarget, limits: .init(bytes: limit))
            let report = try await copy.run()
            #expect(report.checkpoints == 10_000)
            #expect(report.isComplete)
            #expect(try await target.latest(of: "long")?.step == 10_000)
            #expect(try await target.marks(of: "long") == (try await source.marks(of: "long")))
        }
        await source.close()
    }
}

/// Writes to the session `chat` while it is being copied.
private actor Moving {
    private let store: any Checkpointer
    private var moves = 0

    init(_ store: any Checkpointer) {
        self.store = store
    }

    func move(atMost most: Int) async {
        guard moves < most else { return }
        moves += 1
        do {
            var writer = try await Writer.open("chat", in: store, job: "job-2")
            try await writer.save("moved")
        } catch {
            Issue.record(error)
        }
    }
}
