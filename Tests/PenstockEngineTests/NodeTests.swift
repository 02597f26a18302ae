import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

private let atOnce = RetryPolicy.constant(maxAttempts: 3, delay: .zero)

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

    @Test func `that did not run for want of something is tried again, and no try is counted`() async throws {
        let seen = Ledger<Int>()
        let shortages = Counter()
        let desk = Desk(
            single(
                Node("a") { _, context in
                    seen.note(context.nodeAttempt)
                    if shortages.next() == 1 { throw NotRun("too many open files") }
                    return Update(\.log, ["done"])
                }))
        #expect(try await desk.attempt("j1").result?["log"] == ["done"])
        #expect(seen.entries == [1, 1])
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

    /// It ends as soon as it is cancelled, on another thread than the one that cancels it: so often that it ends before that
    /// thread goes on, too.
    @Test(.timeLimit(.minutes(1))) func `that ends at once when its time is up has timed out`() async throws {
        let hasty = Node<Trail>("hasty") { _, _ in
            try await Task.sleep(for: .seconds(3600))
            return .none
        }
        .timeout(.microseconds(1))
        let causes = Ledger<String>()
        let desk = Desk(
            single(
                Node("a") { state, context in
                    for _ in 1...20_000 {
                        do { _ = try await hasty.runOnce(state, context, sparingThread: false) } catch {
                            causes.note("\(type(of: error))")
                        }
                    }
                    return .none
                }))
        _ = try await desk.attempt("j1")
        #expect(causes.entries.count == 20_000)
        #expect(Set(causes.entries) == ["NodeTimedOut"])
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
