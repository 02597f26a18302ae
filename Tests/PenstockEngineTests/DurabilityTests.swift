import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

@Suite struct `A durability` {
    @Test func `sync saves a checkpoint before the next node starts`() async throws {
        let events = Ledger<String>()
        let store = HookedStore(afterSave: { save in events.note("saved \(save.checkpoint?.node ?? "-")") })
        let desk = Desk(line { events.note("ran \($0.node)") }, store: store)
        try await desk.attempt("j1")
        #expect(events.entries == ["ran a", "saved a", "ran b", "saved b", "ran c", "saved c"])
    }

    @Test(.timeLimit(.minutes(1))) func `async saves a checkpoint while the next node runs`() async throws {
        let saving = Gate()
        let running = Gate()
        let store = HookedStore(beforeSave: { save in
            guard save.checkpoint?.node == "a" else { return }
            saving.open()
            await running.wait()
        })
        let desk = Desk(
            line { context in
                guard context.node == "b" else { return }
                await saving.wait()
                running.open()
            }
            .durability(.async), store: store)
        #expect(try await desk.attempt("j1").result?["log"] == ["a", "b", "c"])
        #expect(try await desk.path() == ["a", "b", "c"])
    }

    @Test(.timeLimit(.minutes(1))) func `async cancels the node when the save beside it is refused`()
        async throws
    {
        let store = HookedStore(beforeSave: { save throws(CheckpointerError) in
            if save.checkpoint?.node == "a" { throw .fenced(session: save.session, epoch: save.epoch) }
        })
        let desk = Desk(
            line { context in
                if context.node == "b" { try await Task.sleep(for: .seconds(3600)) }
            }
            .durability(.async), store: store)
        #expect(try await desk.attempt("j1").isFenced)
        #expect(try await desk.path().isEmpty)
    }

    @Test(arguments: Durability.allCases)
    func `keeps all that was done when an attempt fails`(_ durability: Durability) async throws {
        let failures = Failures(of: "c", times: 1)
        let keys = Ledger<String>()
        let desk = Desk(
            line { context in
                keys.note(context.idempotencyKey)
                try failures(context)
            }
            .durability(durability))
        let failure = try await desk.attempt("j1", input: ["log": ["in"]]).failure
        #expect(failure?.node == "c")
        #expect(failure?.step == 3)
        #expect(failure?.checkpoint == (try await desk.store.latest(of: "s")?.id))
        #expect(try await desk.state()?["log"] == ["in", "a", "b"])
        #expect(try await desk.attempt("j1", input: ["log": ["in"]]).result?["log"] == ["in", "a", "b", "c"])
        #expect(keys.entries == ["j1:1", "j1:2", "j1:3", "j1:3"])
    }

    @Test(arguments: Durability.allCases)
    func `keeps all that was done at a stop`(_ durability: Durability) async throws {
        let control = RunControl()
        let desk = Desk(
            line { context in
                if context.node == "b" { control.requestStop() }
            }
            .durability(durability))
        #expect(try await desk.attempt("j1", control: control).isStopped)
        #expect(try await desk.state()?["log"] == ["a", "b"])
        #expect(try await desk.attempt("j1").result?["log"] == ["a", "b", "c"])
    }

    @Test func `exit saves at the end, with the step of the last node`() async throws {
        let desk = Desk(line().durability(.exit))
        try await desk.attempt("j1")
        try await desk.attempt("j2")
        let checkpoints = try await desk.store.checkpoints(of: "s", limit: 9, before: nil)
        #expect(checkpoints.map(\.step) == [6, 3])
        #expect(checkpoints.map(\.runStep) == [3, 3])
        #expect(checkpoints.map(\.node) == ["c", "c"])
    }

    @Test(arguments: Durability.allCases)
    func `keeps what was done before a state that cannot be written`(_ durability: Durability) async throws {
        struct Fussy: FlowState {
            var log: [String] = []
            static let reducers: [Reducer<Fussy>] = [.append(\.log)]
            enum CodingKeys: CodingKey { case log }
            func encode(to encoder: any Encoder) throws {
                if log.last == "b" { throw Broken() }
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(log, forKey: .log)
            }
        }
        let flow = Flow<Fussy>("fussy", version: 1) {
            Node("a") { _, _ in Update(\.log, ["a"]) }
            Node("b") { _, _ in Update(\.log, ["b"]) }
            Edge(.start, "a")
            Edge("a", "b")
            Edge("b", .end)
        }
        .durability(durability)
        let desk = Desk(flow)
        let failure = try await desk.attempt("j1").failure
        #expect(failure?.node == "b")
        #expect(failure?.step == 2)
        #expect(failure?.cause is StateError)
        #expect(try await desk.state()?["log"] == ["a"])
    }

    @Test(arguments: Durability.allCases)
    func `tells a refused last save`(_ durability: Durability) async throws {
        let store = HookedStore(beforeSave: { save throws(CheckpointerError) in
            if save.checkpoint?.node == "c" { throw .refused(reason: "disk full") }
        })
        let outcome = try await Desk(line().durability(durability), store: store).attempt("j1")
        guard case .storeFailed(let sentence) = outcome else {
            Issue.record("expected storeFailed, got \(outcome)")
            return
        }
        #expect(sentence == "the store refused: disk full")
    }
}
