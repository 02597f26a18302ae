import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

/// What becomes of a job, by where its session stands: one test for each case.
@Suite struct `A job` {
    @Test func `starts a new session from the default with its input merged`() async throws {
        let desk = Desk(line())
        let outcome = try await desk.attempt("j1", input: ["log": ["in"], "note": "x"])
        #expect(outcome.result == ["log": ["in", "a", "b", "c"], "sum": 3, "note": "x"])
        #expect(try await desk.path() == ["a", "b", "c"])
    }

    @Test func `records its run in every checkpoint`() async throws {
        let desk = Desk(line())
        try await desk.attempt("j1", metadata: ["who": "ada"])
        let checkpoints = try await desk.store.checkpoints(of: "s", limit: 10, before: nil).reversed()
        #expect(checkpoints.map(\.step) == [1, 2, 3])
        #expect(checkpoints.map(\.next) == [["b"], ["c"], ["__end__"]])
        #expect(checkpoints.map(\.runStep) == [1, 2, 3])
        #expect(checkpoints.allSatisfy { $0.run == "j1" && $0.job == "j1" && $0.epoch == 1 })
        #expect(checkpoints.allSatisfy { $0.metadata == Array(#"{"who":"ada"}"#.utf8) })
        let times = checkpoints.map(\.timestamp.microseconds)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 1000 })
        let job = try await desk.store.job("j1")
        #expect(job?.status == .done)
        #expect(job?.merged == true)
        #expect(job?.result?.checkpoint == checkpoints.last?.id)
        #expect(try await desk.store.session("s")?.record.status == .done)
    }

    @Test func `on a complete session merges its input and runs from START`() async throws {
        let desk = Desk(line())
        try await desk.attempt("j1")
        let outcome = try await desk.attempt("j2", input: ["log": ["more"]])
        #expect(outcome.result?["log"] == ["a", "b", "c", "more", "a", "b", "c"])
        let latest = try await desk.store.latest(of: "s")
        #expect(latest?.step == 6)
        #expect(latest?.run == "j2")
        #expect(latest?.runStep == 3)
    }

    @Test func `on a session that stopped in the middle goes on in the same run`() async throws {
        let failures = Failures(of: "b", times: 1)
        let keys = Ledger<String>()
        let desk = Desk(
            line { context in
                keys.note(context.idempotencyKey)
                try failures(context)
            })
        #expect(try await desk.attempt("j1", input: ["log": ["in1"]]).failure?.node == "b")
        let outcome = try await desk.attempt("j2", input: ["log": ["in2"]])
        #expect(outcome.result?["log"] == ["in1", "a", "in2", "b", "c"])
        #expect(keys.entries == ["j1:1", "j1:2", "j1:2", "j1:3"])
        #expect(try await desk.store.latest(of: "s")?.run == "j1")
        #expect(try await desk.store.latest(of: "s")?.job == "j2")
    }

    @Test func `starts over in a session that stopped in the middle when the flow says so`() async throws {
        let failures = Failures(of: "b", times: 2)
        let keys = Ledger<String>()
        let desk = Desk(
            line { context in
                keys.note(context.idempotencyKey)
                try failures(context)
            }
            .restarting())
        try await desk.attempt("j1")
        try await desk.attempt("j1", attempt: 2)
        let outcome = try await desk.attempt("j2", input: ["log": ["in2"]])
        #expect(outcome.result?["log"] == ["a", "in2", "a", "b", "c"])
        #expect(keys.entries == ["j1:1", "j1:2", "j1:2", "j2:1", "j2:2", "j2:3"])
    }

    @Test(arguments: [NodeName("a"), "b", "c"], [1, 2, 3])
    func `that failed several times at a node is merged once and repeats no node`(
        _ node: NodeName, _ times: Int
    ) async throws {
        let failures = Failures(of: node, times: times)
        let keys = Ledger<String>()
        let desk = Desk(
            line { context in
                if context.node == node { keys.note(context.idempotencyKey) }
                try failures(context)
            })
        for attempt in 1...times {
            let outcome = try await desk.attempt("j1", input: ["log": ["in"]], attempt: attempt)
            #expect(outcome.failure?.message == "it broke")
        }
        let outcome = try await desk.attempt("j1", input: ["log": ["in"]], attempt: times + 1)
        #expect(outcome.result?["log"] == ["in", "a", "b", "c"])
        #expect(Set(keys.entries).count == 1)
        #expect(try await desk.store.checkpoints(of: "s", limit: 10, before: nil).map(\.step) == [3, 2, 1])
    }

    @Test func `that is done is completed with its result without running`() async throws {
        let runs = Counter()
        let desk = Desk(line { _ in runs.next() })
        let first = try await desk.attempt("j1", input: ["log": ["in"]])
        try await desk.attempt("j2")
        let second = try await desk.attempt("j1", input: ["log": ["in"]])
        #expect(second.result == first.result)
        #expect(runs.value == 6)
    }

    @Test func `that is done is completed though the store is silent for a while`() async throws {
        let reads = Counter()
        let store = HookedStore(beforeRead: { () throws(CheckpointerError) in
            if reads.next() == 3 { throw .unavailable(reason: "restarting") }
        })
        let desk = Desk(line(), store: store)
        let first = try await desk.attempt("j1")
        #expect(try await desk.attempt("j1").result == first.result)
        #expect(reads.value == 4)
    }

    @Test func `that is done and whose checkpoint is gone is completed with null`() async throws {
        let desk = Desk(line())
        try await desk.attempt("j1")
        let last = try #require(try await desk.store.latest(of: "s"))
        try await desk.store.delete(last.id, of: "s")
        #expect(try await desk.attempt("j1").result == .null)
    }

    @Test func `gives as its result the keys that the flow names`() async throws {
        let desk = Desk(line().result("sum"))
        #expect(try await desk.attempt("j1").result == ["sum": 3])
        #expect(try await desk.attempt("j1").result == ["sum": 3])
    }

    @Test func `that others overtook goes on from the head, in a run of a new name`() async throws {
        let failures = Failures(of: "b", times: 1)
        let keys = Ledger<String>()
        let desk = Desk(
            line { context in
                keys.note(context.idempotencyKey)
                try failures(context)
            })
        try await desk.attempt("j1", input: ["log": ["in1"]])
        try await desk.attempt("j2", input: ["log": ["in2"]])
        let head = try #require(try await desk.store.latest(of: "s"))
        let outcome = try await desk.attempt("j1", input: ["log": ["in1"]], attempt: 2)
        #expect(outcome.result?["log"] == ["in1", "a", "in2", "b", "c", "a", "b", "c"])
        #expect(Set(keys.entries).count == keys.entries.count - 1)
        #expect(keys.entries.last == "\(head.id):3")
    }

    @Test func `whose id is known with another session is refused`() async throws {
        let desk = Desk(line())
        try await desk.attempt("j1", session: "s1")
        let refusal = try await desk.attempt("j1", session: "s2").refusal
        #expect(refusal == "job j1 is known already, with session s1")
    }

    @Test func `whose id is known with another flow is refused`() async throws {
        let store = MemoryCheckpointer()
        let other = Flow<Trail>("other", version: 1) {
            Node("x") { _, _ in .none }
            Edge(.start, "x")
            Edge("x", .end)
        }
        try await Desk(other, store: store).attempt("j1", session: "s1")
        let refusal = try await Desk(line(), store: store).attempt("j1", session: "s1").refusal
        #expect(refusal == "job j1 is known already, with flow other")
    }

    @Test func `of another flow than the session's is refused`() async throws {
        let store = MemoryCheckpointer()
        let other = Flow<Trail>("other", version: 1) {
            Node("x") { _, _ in .none }
            Edge(.start, "x")
            Edge("x", .end)
        }
        try await Desk(other, store: store).attempt("j1")
        let refusal = try await Desk(line(), store: store).attempt("j2").refusal
        #expect(refusal == "session s belongs to flow other, not to line")
    }

    @Test func `whose input has a key that the state lacks is refused with a suggestion`() async throws {
        let refusal = try await Desk(line()).attempt("j1", input: ["nots": 1]).refusal
        #expect(
            refusal
                == "the input cannot be merged: the state Trail has no key \"nots\"; did you mean \"note\"?")
    }

    @Test func `whose input has a value of the wrong kind is refused`() async throws {
        let refusal = try await Desk(line()).attempt("j1", input: ["sum": "many"]).refusal
        #expect(refusal?.contains("sum") == true)
    }

    @Test func `of an older flow goes on when its next node still exists`() async throws {
        let store = MemoryCheckpointer()
        let failures = Failures(of: "b", times: 1)
        try await Desk(line { try failures($0) }, store: store).attempt("j1")
        let newer = line(version: 2, nodes: ["a", "b", "d"])
        let outcome = try await Desk(newer, store: store).attempt("j1", attempt: 2)
        #expect(outcome.result?["log"] == ["a", "b", "d"])
        #expect(try await store.session("s")?.record.version == 2)
    }

    @Test func `of an older flow is refused when its next node is gone`() async throws {
        let store = MemoryCheckpointer()
        let failures = Failures(of: "b", times: 1)
        try await Desk(line { try failures($0) }, store: store).attempt("j1")
        let newer = line(version: 2, nodes: ["a", "d"])
        let refusal = try await Desk(newer, store: store).attempt("j1", attempt: 2).refusal
        let sentence = try #require(refusal)
        #expect(
            sentence.contains(
                "goes on at node \"b\", which version 2 of flow line does not have; it has a, d"))
    }

    @Test func `of a newer flow is postponed`() async throws {
        let store = MemoryCheckpointer()
        try await Desk(line(version: 2), store: store).attempt("j1")
        let outcome = try await Desk(line(), store: store).attempt("j2")
        guard case .postponed(let sentence) = outcome else {
            Issue.record("expected postponed, got \(outcome)")
            return
        }
        #expect(sentence == "session s was last written by version 2 of flow line; this worker has version 1")
    }

    @Test func `after a reset starts anew, its steps go on, and its keys are new`() async throws {
        let keys = Ledger<String>()
        let desk = Desk(line { keys.note($0.idempotencyKey) })
        try await desk.attempt("j1")
        try await desk.store.reset("s")
        let outcome = try await desk.attempt("j1")
        #expect(outcome.result?["log"] == ["a", "b", "c"])
        #expect(try await desk.store.latest(of: "s")?.step == 6)
        #expect(Set(keys.entries).count == 6)
    }

    @Test func `that was buried goes on when it is sent again`() async throws {
        let failures = Failures(of: "b", times: 1)
        let desk = Desk(line { try failures($0) })
        let opened = try await desk.store.open("s", for: "j1", as: "o1")
        let order = RunOrder(job: "j1", session: "s", input: ["log": ["in"]], worker: "w1")
        let writer = desk.runner.writer(to: desk.store, opened: opened, order: order, patience: nil)
        let outcome = await desk.runner.run(order, in: opened, writer: writer)
        try await writer.recordEnd(.dead, error: outcome.failure?.description)
        await writer.close()
        let buried = try await desk.store.job("j1")
        #expect(buried?.status == .dead)
        #expect(buried?.merged == true)
        #expect(buried?.error == "node b failed at step 2: it broke")
        #expect(try await desk.store.session("s")?.record.status == .failed)
        let again = try await desk.attempt("j1", input: ["log": ["in"]])
        #expect(again.result?["log"] == ["in", "a", "b", "c"])
        #expect(try await desk.store.job("j1")?.status == .done)
    }

    @Test func `that failed before its first checkpoint and was buried keeps its key and its input`()
        async throws
    {
        let failures = Failures(of: "a", times: 1)
        let keys = Ledger<String>()
        let desk = Desk(
            line { context in
                if context.node == "a" { keys.note(context.idempotencyKey) }
                try failures(context)
            })
        let opened = try await desk.store.open("s", for: "j1", as: "o1")
        let order = RunOrder(job: "j1", session: "s", input: ["log": ["in"]], worker: "w1")
        let writer = desk.runner.writer(to: desk.store, opened: opened, order: order, patience: nil)
        _ = await desk.runner.run(order, in: opened, writer: writer)
        try await writer.recordEnd(.dead, error: "it broke")
        await writer.close()
        let again = try await desk.attempt("j1", input: ["log": ["in"]])
        #expect(again.result?["log"] == ["in", "a", "b", "c"])
        #expect(keys.entries == ["j1:1", "j1:1"])
    }
}
