import PenstockCheckpointers
import PenstockModel
import Testing

@testable import PenstockEngine

private let quickly = RetryPolicy.constant(maxAttempts: .max, delay: .zero)

private func commit(_ step: Int, next: NodeName = "b") -> NodeCommit {
    NodeCommit(
        id: CheckpointID("c\(step)"), node: "a", step: step, state: Array("{}".utf8), next: next, run: "j",
        runStep: step, metadata: nil, result: nil)
}

private func writer(
    to store: any Checkpointer, as owner: String = "o", patience: Duration? = nil, clock: WallClock = .system
) async throws -> SessionWriter {
    let opened = try await store.open("s", for: "j", as: owner)
    return SessionWriter(
        to: store, opened: opened, order: RunOrder(job: "j", session: "s", worker: "w"), flow: "f",
        version: 1,
        patience: patience, backoff: quickly, clock: clock)
}

@Suite struct `A writer` {
    @Test func `asks for the same save again while the store gives no answer`() async throws {
        let asked = Ledger<CheckpointID?>()
        let store = HookedStore(afterSave: { save throws(CheckpointerError) in
            asked.note(save.checkpoint?.id)
            if asked.entries.count < 4 { throw .unavailable(reason: "the answer was lost") }
        })
        let writer = try await writer(to: store)
        try await writer.save(commit(1), resultKeys: nil)
        try await writer.save(commit(2), resultKeys: nil)
        #expect(asked.entries == ["c1", "c1", "c1", "c1", "c2"])
        #expect(writer.head == 2)
        #expect(try await store.checkpoints(of: "s", limit: 9, before: nil).count == 2)
    }

    @Test func `gives up when its patience ends`() async throws {
        let store = HookedStore(beforeSave: { _ throws(CheckpointerError) in
            throw .unavailable(reason: "gone")
        })
        let writer = try await writer(to: store, patience: .zero)
        await #expect(throws: SaveFailure.store("the store gave no answer: gone")) {
            try await writer.save(commit(1), resultKeys: nil)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `that was overtaken cannot write`() async throws {
        let store = MemoryCheckpointer()
        let first = try await writer(to: store, as: "o1")
        let second = try await writer(to: store, as: "o2")
        await #expect(throws: SaveFailure.fenced) { try await first.save(commit(1), resultKeys: nil) }
        await #expect(throws: SaveFailure.fenced) { try await first.recordEnd(.dead, error: "x") }
        try await second.save(commit(1), resultKeys: nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `waits for the save under way when it is closed, and starts none after`()
        async throws
    {
        let saving = Gate()
        let goOn = Gate()
        let order = Ledger<String>()
        let store = HookedStore(
            beforeSave: { _ in
                saving.open()
                await goOn.wait()
            }, afterSave: { _ in order.note("saved") })
        let writer = try await writer(to: store)
        let save = Task { try await writer.save(commit(1), resultKeys: nil) }
        await saving.wait()
        let close = Task {
            await writer.close()
            order.note("closed")
        }
        goOn.open()
        try await save.value
        await close.value
        #expect(order.entries == ["saved", "closed"])
        await #expect(throws: SaveFailure.cancelled) { try await writer.save(commit(2), resultKeys: nil) }
        await writer.close()
    }

    @Test(.timeLimit(.minutes(1))) func `that is closed asks a silent store no more`() async throws {
        let asked = Gate()
        let store = HookedStore(beforeSave: { _ throws(CheckpointerError) in
            asked.open()
            throw .unavailable(reason: "gone")
        })
        let writer = try await writer(to: store)
        let save = Task { try await writer.save(commit(1), resultKeys: nil) }
        await asked.wait()
        await writer.close()
        await #expect(throws: SaveFailure.cancelled) { try await save.value }
    }

    @Test func `does one save at a time`() async throws {
        let under = Counter()
        let most = Ledger<Int>()
        let store = HookedStore(
            beforeSave: { _ in
                most.note(under.next())
                await Task.yield()
            })
        let writer = try await writer(to: store)
        await withTaskGroup { group in
            for _ in 1...8 {
                group.addTask {
                    do throws(SaveFailure) { try await writer.recordEnd(.dead, error: "x") } catch {
                        Issue.record("\(error)")
                    }
                }
            }
        }
        #expect(most.entries == Array(1...8))
    }

    @Test func `gives every checkpoint a later time, though the clock stands or steps back`() async throws {
        let ticks = Ledger<Int>()
        let store = MemoryCheckpointer()
        let writer = try await writer(
            to: store,
            clock: WallClock {
                ticks.note(1)
                return Timestamp(microseconds: 1_000_000 - Int64(ticks.entries.count) * 1000)
            })
        for step in 1...3 { try await writer.save(commit(step), resultKeys: nil) }
        let times = try await store.checkpoints(of: "s", limit: 9, before: nil).map(\.timestamp.microseconds)
        #expect(times == [1_001_000, 1_000_000, 999_000])
    }

    @Test func `leaves a job that is done as it is`() async throws {
        let store = MemoryCheckpointer()
        let writer = try await writer(to: store)
        try await writer.save(commit(1, next: .end), resultKeys: ["a"])
        try await writer.recordEnd(.dead, error: "too late")
        let job = try await store.job("j")
        #expect(job?.status == .done)
        #expect(job?.result == JobResult(checkpoint: "c1", keys: ["a"]))
    }

    @Test func `records a cancelled job without a checkpoint`() async throws {
        let store = MemoryCheckpointer()
        let writer = try await writer(to: store)
        try await writer.recordEnd(.cancelled, error: nil)
        #expect(try await store.job("j")?.status == .cancelled)
        #expect(try await store.latest(of: "s") == nil)
    }
}
