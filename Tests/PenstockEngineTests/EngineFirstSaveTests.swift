import PenstockCheckpointers
import PenstockModel
import Testing

@testable import PenstockEngine

/// A writer whose session was only looked at: its first save opens it.
@Suite(.timeLimit(.minutes(1))) struct EngineFirstSaveTests {
    private struct Opening: Equatable {
        let token: String?
        let epoch: Int64
        let owner: String
    }

    private func commit(_ step: Int, of writer: String = "c") -> NodeCommit {
        NodeCommit(
            id: CheckpointID("\(writer)\(step)"), node: "a", step: step, state: Array("{}".utf8), next: "b",
            run: "j", runStep: step, metadata: nil, result: nil)
    }

    private func writer(to store: any Checkpointer, as token: String = "o") async throws -> SessionWriter {
        SessionWriter(
            to: store, opened: try #require(try await store.look(at: "s", for: "j")), opening: token,
            order: RunOrder(job: "j", session: "s", worker: "w"), flow: "f", version: 1, patience: nil,
            backoff: .constant(maxAttempts: .max, delay: .zero))
    }

    @Test func `the first save opens, however often it is asked for, and the others do not`() async throws {
        let asked = Ledger<Opening>()
        let store = HookedStore(afterSave: { save throws(CheckpointerError) in
            asked.note(Opening(token: save.opening, epoch: save.epoch, owner: save.owner))
            if asked.entries.count == 1 { throw .unavailable(reason: "the answer was lost") }
        })
        let writer = try await writer(to: store)
        for step in 1...3 { try await writer.save(commit(step), resultKeys: nil) }
        let first = Opening(token: "o", epoch: 0, owner: "")
        let later = Opening(token: nil, epoch: 1, owner: "o")
        #expect(asked.entries == [first, first, later, later])
        #expect(try await store.session("s")?.record.epoch == 1)
        let epochs = try await store.checkpoints(of: "s", limit: 9, before: nil).map(\.epoch)
        #expect(epochs == [1, 1, 1])
    }

    @Test func `an end may be what opens the session, and what is written next goes on`() async throws {
        let store = MemoryCheckpointer()
        let writer = try await writer(to: store)
        try await writer.recordEnd(.dead, error: "it broke")
        #expect(try await store.job("j")?.status == .dead)
        #expect(try await store.session("s")?.record.epoch == 1)
        #expect(try await store.session("s")?.record.owner == "o")
        try await writer.recordEnd(.cancelled, error: nil)
        try await writer.save(commit(1), resultKeys: nil)
        #expect(try await store.job("j")?.status == .running)
        #expect(try await store.session("s")?.record.epoch == 1)
    }

    @Test func `of two, the one whose first save comes second is fenced`() async throws {
        let store = MemoryCheckpointer()
        let slow = try await writer(to: store, as: "slow")
        let quick = try await writer(to: store, as: "quick")
        try await quick.save(commit(1, of: "quick"), resultKeys: nil)
        await #expect(throws: SaveFailure.fenced) {
            try await slow.save(commit(1, of: "slow"), resultKeys: nil)
        }
        await #expect(throws: SaveFailure.fenced) { try await slow.recordEnd(.dead, error: "x") }
        try await quick.save(commit(2), resultKeys: nil)
        #expect(try await store.session("s")?.record.owner == "quick")
    }

    @Test func `an engine has its sessions opened by their first saves`() async throws {
        let openings = Ledger<Bool>()
        let store = HookedStore(beforeSave: { save throws(CheckpointerError) in
            openings.note(save.opening != nil)
        })
        let failures = Failures(of: "a", times: 1)
        let engine = try FlowEngine(line { try failures($0) }, checkpointer: store)
        await #expect(throws: FlowEngineError.self) { try await engine.invoke(sessionID: "s") }
        #expect(try await store.session("s")?.record.status == .failed)
        #expect(openings.entries == [true])
        for _ in 1...2 { _ = try await engine.invoke(sessionID: "s") }
        #expect(openings.entries == [true, true, false, false, true, false, false])
        #expect(try await store.session("s")?.record.epoch == 3)
    }
}
