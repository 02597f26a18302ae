import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

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
