import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

private let atOnce = RetryPolicy.constant(maxAttempts: 3, delay: .zero)

private func single(_ node: Node<Trail>) -> Flow<Trail> {
    Flow("single", version: 1) {
        node
        Edge(.start, "a")
        Edge("a", .end)
    }
}

@Suite struct `A node` {
    @Test func `is tried again in place, with the same key`() async throws {
        let seen = Ledger<String>()
        let failures = Failures(of: "a", times: 2)
        let desk = Desk(
            single(
                Node("a") { _, context in
                    seen.note("\(context.idempotencyKey) \(context.nodeAttempt) \(context.attempt)")
                    try failures(context)
                    return Update(\.log, ["done"])
                }
                .retry(atOnce)))
        #expect(try await desk.attempt("j1", attempt: 2).result?["log"] == ["done"])
        #expect(seen.entries == ["j1:1 1 2", "j1:1 2 2", "j1:1 3 2"])
    }

    @Test func `that fails on every try fails the attempt`() async throws {
        let tries = Counter()
        let desk = Desk(
            single(
                Node("a") { _, _ in
                    tries.next()
                    throw Broken()
                }
                .retry(atOnce)))
        let failure = try await desk.attempt("j1").failure
        #expect(tries.value == 3)
        #expect(failure?.node == "a")
        #expect(failure?.step == 1)
        #expect(failure?.isPermanent == false)
        #expect(failure?.checkpoint == nil)
        #expect(failure?.description == "node a failed at step 1: it broke")
    }

    @Test func `that fails for good is not tried again`() async throws {
        let tries = Counter()
        let desk = Desk(
            single(
                Node("a") { _, _ in
                    tries.next()
                    throw PermanentFailure("the card was declined")
                }
                .retry(atOnce)))
        let failure = try await desk.attempt("j1").failure
        #expect(tries.value == 1)
        #expect(failure?.isPermanent == true)
        #expect(failure?.message == "the card was declined")
    }

    @Test(.timeLimit(.minutes(1))) func `that takes too long is cancelled`() async throws {
        let desk = Desk(
            single(
                Node("a") { _, _ in
                    try await Task.sleep(for: .seconds(3600))
                    return .none
                }
                .timeout(.milliseconds(20))))
        let failure = try await desk.attempt("j1").failure
        #expect(failure?.cause is NodeTimedOut)
        #expect(failure?.message == "node a ran into its timeout of 0.02 seconds")
    }

    @Test func `that is done within its timeout gives its update`() async throws {
        let desk = Desk(single(Node("a") { _, _ in Update(\.log, ["in time"]) }.timeout(.seconds(60))))
        #expect(try await desk.attempt("j1").result?["log"] == ["in time"])
    }

    @Test(.timeLimit(.minutes(1))) func `that heeds no cancellation is left behind`() async throws {
        let gate = Gate()
        let desk = Desk(
            single(
                Node("a") { _, _ in
                    await gate.wait()
                    return Update(\.log, ["late"])
                }
                .timeout(.milliseconds(20))))
        let failure = try await desk.attempt("j1").failure
        #expect(failure?.cause is NodeTimedOut)
        gate.open()
        #expect(try await desk.path().isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func `with a timeout is cancelled with its task`() async throws {
        let started = Gate()
        let desk = Desk(
            single(
                Node("a") { _, _ in
                    started.open()
                    try await Task.sleep(for: .seconds(3600))
                    return .none
                }
                .timeout(.seconds(1800))))
        let task = Task { try await desk.attempt("j1") }
        await started.wait()
        task.cancel()
        #expect(try await task.value.isCancelled)
    }

    @Test func `is told where it runs`() async throws {
        let seen = Ledger<NodeContext>()
        let desk = Desk(line { seen.note($0) })
        try await desk.attempt("j1", attempt: 3, metadata: ["who": "ada"])
        let context = try #require(seen.entries.last)
        #expect(context.flow == "line")
        #expect(context.node == "c")
        #expect(context.session == "s")
        #expect(context.job == "j1")
        #expect(context.run == "j1")
        #expect(context.step == 3)
        #expect(context.attempt == 3)
        #expect(context.metadata == ["who": "ada"])
    }

    @Test func `notes go to the metadata of its own checkpoint`() async throws {
        let desk = Desk(
            line { context in
                if context.node == "b" { context.annotate("tokens", 42) }
            })
        try await desk.attempt("j1", metadata: ["who": "ada"])
        let metadata = try await desk.store.checkpoints(of: "s", limit: 9, before: nil).reversed().map {
            try JSON(parsing: $0.metadata ?? [])
        }
        #expect(metadata == [["who": "ada"], ["who": "ada", "tokens": 42], ["who": "ada"]])
    }

    @Test func `whose update cannot be applied fails the attempt and commits nothing`() async throws {
        let desk = Desk(single(Node("a") { _, _ in Update(partial: ["nots": 1]) }))
        let failure = try await desk.attempt("j1").failure
        #expect(failure?.message == "the state Trail has no key \"nots\"; did you mean \"note\"?")
        #expect(try await desk.path().isEmpty)
    }
}

@Suite struct `A run` {
    @Test func `that finds no end is ended at its limit, and stays there`() async throws {
        let flow = Flow<Trail>("loop", version: 1) {
            Node("a") { _, _ in Update(\.sum, 1) }
            Edge(.start, "a")
            Route("a", to: ["a", .end]) { _ in "a" }
        }
        .maxSteps(5)
        let desk = Desk(flow)
        let failure = try await desk.attempt("j1").failure
        #expect(failure?.isPermanent == true)
        #expect(
            failure?.message == """
                flow loop ran 5 nodes without reaching END and would go on at a: a loop without an end? raise its \
                maxSteps if it is not
                """)
        #expect(try await desk.path().count == 5)
        #expect(try await desk.attempt("j1", attempt: 2).failure?.cause is StepLimitReached)
        #expect(try await desk.path().count == 5)
    }

    @Test func `whose state grows too large is ended, and nothing of that node is saved`() async throws {
        let flow = Flow<Trail>("large", version: 1) {
            Node("a") { _, _ in Update(\.note, "small") }
            Node("b") { _, _ in Update(\.note, String(repeating: "x", count: 1_000)) }
            Edge(.start, "a")
            Edge("a", "b")
            Edge("b", .end)
        }
        .maxStateBytes(500)
        let desk = Desk(flow)
        let failure = try #require(try await desk.attempt("j1").failure)
        #expect(failure.isPermanent)
        #expect(failure.node == "b")
        let cause = try #require(failure.cause as? StateTooLarge)
        #expect(cause.bytes > 1_000 && cause.limit == 500)
        #expect(
            failure.message.contains("\(cause.bytes) bytes") && failure.message.contains("max_state_bytes"))
        #expect(try await desk.path() == ["a"])
    }

    @Test func `whose route strays fails before the node is committed`() async throws {
        let flow = Flow<Trail>("stray", version: 1) {
            Node("a") { _, _ in .none }
            Node("b") { _, _ in .none }
            Edge(.start, "a")
            Route("a", to: ["b", .end]) { _ in "zzz" }
            Edge("b", .end)
        }
        let desk = Desk(flow)
        let failure = try await desk.attempt("j1").failure
        #expect(
            failure?.message
                == "the route from a answered \"zzz\", which is not among its targets: b, __end__")
        #expect(try await desk.path().isEmpty)
    }

    @Test func `decides a route once, and records it`() async throws {
        let decisions = Counter()
        let failures = Failures(of: "b", times: 2)
        let flow = Flow<Trail>("once", version: 1) {
            Node("a") { _, _ in .none }
            Node("b") { _, context in
                try failures(context)
                return .none
            }
            Edge(.start, "a")
            Route("a", to: ["b", .end]) { state in
                decisions.next()
                return state.note == nil ? "b" : .end
            }
            Edge("b", .end)
        }
        let desk = Desk(flow)
        try await desk.attempt("j1")
        try await desk.attempt("j2", input: ["note": "would lead to END"])
        try await desk.attempt("j2")
        #expect(decisions.value == 1)
        #expect(try await desk.path() == ["a", "b"])
    }

    @Test func `may enter by a route`() async throws {
        let flow = Flow<Trail>("entry", version: 1) {
            Node("a") { _, _ in Update(\.log, ["a"]) }
            Node("b") { _, _ in Update(\.log, ["b"]) }
            Route(.start, to: ["a", "b"]) { $0.note == nil ? "a" : "b" }
            Edge("a", .end)
            Edge("b", .end)
        }
        let desk = Desk(flow)
        try await desk.attempt("j1")
        try await desk.attempt("j2", input: ["note": "x"])
        #expect(try await desk.path() == ["a", "b"])
    }

    @Test func `stops after the node that runs when it is asked to, and goes on later`() async throws {
        let control = RunControl()
        let desk = Desk(
            line { context in
                if context.node == "b" { control.requestStop() }
            })
        #expect(try await desk.attempt("j1", control: control).isStopped)
        #expect(try await desk.path() == ["a", "b"])
        #expect(try await desk.store.session("s")?.record.status == .running)
        #expect(try await desk.attempt("j1").result?["log"] == ["a", "b", "c"])
    }

    @Test(.timeLimit(.minutes(1))) func `stops while a node waits for its next try`() async throws {
        let control = RunControl()
        let desk = Desk(
            single(
                Node("a") { _, _ in
                    Task { control.requestStop() }
                    throw Broken()
                }
                .retry(.constant(maxAttempts: 2, delay: .seconds(3600)))))
        #expect(try await desk.attempt("j1", control: control).isStopped)
    }

    @Test func `writes nothing when its claim turns out to be another's`() async throws {
        let control = RunControl(confirm: { { false } })
        let desk = Desk(line())
        #expect(try await desk.attempt("j1", control: control).isCancelled)
        #expect(try await desk.path().isEmpty)
        #expect(try await desk.attempt("j1", control: RunControl(confirm: { { true } })).result != nil)
    }

    @Test func `asks whose the claim is while its first node runs, and once`() async throws {
        let asked = Counter()
        let answered = Counter()
        let isAsked = Gate()
        let control = RunControl {
            asked.next()
            isAsked.open()
            return {
                answered.next()
                return true
            }
        }
        let desk = Desk(
            line { context in
                if context.node == "a" {
                    await isAsked.wait()
                    #expect(answered.value == 0)
                }
            })
        #expect(try await desk.attempt("j1", control: control).result != nil)
        #expect(asked.value == 1 && answered.value == 1)
    }

    @Test func `that is cancelled writes nothing more`() async throws {
        let reached = Gate()
        let desk = Desk(
            line { context in
                guard context.node == "b" else { return }
                reached.open()
                try await Task.sleep(for: .seconds(3600))
            })
        let task = Task { try await desk.attempt("j1") }
        await reached.wait()
        task.cancel()
        #expect(try await task.value.isCancelled)
        #expect(try await desk.path() == ["a"])
    }
}
