import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

@Suite struct `An engine` {
    @Test func `goes on with nil input where a session stopped`() async throws {
        let failures = Failures(of: "b", times: 2)
        let engine = try FlowEngine(line { try failures($0) }, checkpointer: MemoryCheckpointer())
        for _ in 1...2 {
            let error = try await #require(throws: FlowEngineError.self) {
                try await engine.invoke(sessionID: "s")
            }
            guard case .failed(let failure) = error else {
                Issue.record("expected failed, got \(error)")
                return
            }
            #expect(failure.cause is Broken)
        }
        #expect(try await engine.invoke(nil, sessionID: "s").log == ["a", "b", "c"])
        #expect(try await engine.checkpoints(of: "s").map(\.step) == [3, 2, 1])
    }

    @Test func `saves nothing without a session`() async throws {
        let store = MemoryCheckpointer()
        let engine = try FlowEngine(line(), checkpointer: store)
        #expect(try await engine.invoke().log == ["a", "b", "c"])
        #expect(try await store.size().sessions == 0)
    }

    @Test func `runs a session without a checkpointer, and says what it cannot tell`() async throws {
        let engine = try FlowEngine(line())
        #expect(try await engine.invoke(sessionID: "s").sum == 3)
        let error = await #expect(throws: FlowEngineError.self) { try await engine.state(of: "s") }
        guard case .noCheckpointer? = error else {
            Issue.record("expected noCheckpointer, got \(String(describing: error))")
            return
        }
    }

    @Test func `reads, deletes and resets what a session holds`() async throws {
        let engine = try FlowEngine(line(), checkpointer: MemoryCheckpointer())
        #expect(try await engine.state(of: "s") == nil)
        let done = try await engine.invoke(sessionID: "s")
        #expect(try await engine.state(of: "s") == done)
        let checkpoints = try await engine.checkpoints(of: "s", limit: 2)
        #expect(checkpoints.map(\.node) == ["c", "b"])
        #expect(try await engine.checkpoint(checkpoints[1].id, of: "s")?.node == "b")
        #expect(try await engine.checkpoint(checkpoints[1].id, of: "other") == nil)
        #expect(try await engine.delete(checkpoints[0].id, of: "s"))
        #expect(try await !engine.delete(checkpoints[0].id, of: "s"))
        #expect(try await engine.state(of: "s")?.log == ["a", "b"])
        try await engine.reset(session: "s")
        #expect(try await engine.state(of: "s") == nil)
        #expect(try await engine.invoke(sessionID: "s").sum == 3)
    }

    @Test(.timeLimit(.minutes(1))) func `fences another engine that was there before`() async throws {
        let store = MemoryCheckpointer()
        let reached = Gate()
        let goOn = Gate()
        let slow = try FlowEngine(
            line { context in
                guard context.node == "b" else { return }
                reached.open()
                await goOn.wait()
            }, checkpointer: store)
        let quick = try FlowEngine(line(), checkpointer: store)
        let first = Task { try await slow.invoke(Update(\.log, ["first"]), sessionID: "s") }
        await reached.wait()
        let second = try await quick.invoke(Update(\.log, ["second"]), sessionID: "s")
        goOn.open()
        let error = await #expect(throws: FlowEngineError.self) { try await first.value }
        guard case .fenced("s")? = error else {
            Issue.record("expected fenced, got \(String(describing: error))")
            return
        }
        #expect(second.log == ["first", "a", "second", "b", "c"])
        #expect(try await quick.state(of: "s") == second)
    }

    @Test(.timeLimit(.minutes(1))) func `lets the invokes of a session queue up in order`() async throws {
        let gate = Gate()
        let engine = try FlowEngine(
            line(nodes: ["a"]) { _ in await gate.wait() }, checkpointer: MemoryCheckpointer())
        var tasks: [Task<Trail, any Error>] = []
        for number in 1...20 {
            tasks.append(Task { try await engine.invoke(Update(\.log, ["\(number)"]), sessionID: "s") })
            while engine.line.waitingCount < number - 1 || engine.line.count == 0 { await Task.yield() }
        }
        gate.open()
        for task in tasks { _ = try await task.value }
        let log = try await engine.state(of: "s")?.log
        #expect(log == (1...20).flatMap { ["\($0)", "a"] })
        #expect(engine.line.count == 0)
    }

    @Test(.timeLimit(.minutes(1))) func `lets a waiting invoke be cancelled`() async throws {
        let gate = Gate()
        let engine = try FlowEngine(
            line(nodes: ["a"]) { _ in await gate.wait() }, checkpointer: MemoryCheckpointer())
        let first = Task { try await engine.invoke(sessionID: "s") }
        while engine.line.count == 0 { await Task.yield() }
        let second = Task { try await engine.invoke(sessionID: "s") }
        while engine.line.waitingCount == 0 { await Task.yield() }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        gate.open()
        #expect(try await first.value.log == ["a"])
        #expect(engine.line.count == 0)
    }

    @Test func `runs many sessions side by side without mixing them`() async throws {
        let engine = try FlowEngine(line(), checkpointer: MemoryCheckpointer())
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    let session = try SessionID(checking: "s\(number)")
                    for round in 1...3 {
                        let state = try await engine.invoke(Update(\.note, "\(number)"), sessionID: session)
                        #expect(state.note == "\(number)")
                        #expect(state.sum == 3 * round)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `tells what happens in fresh events`() async throws {
        let engine = try FlowEngine(
            line(nodes: ["a", "b"]) { context in
                if context.node == "b" { context.emit(["half": 0.5]) }
            }, checkpointer: MemoryCheckpointer())
        var events: [FlowEvent] = []
        for try await event in engine.stream(Update(\.log, ["in"]), sessionID: "s") { events.append(event) }
        let checkpoints = try await engine.checkpoints(of: "s")
        let run = try #require(checkpoints.first?.run)
        #expect(
            events == [
                .runStarted(run: run, next: "a"),
                .nodeStarted("a", step: 1),
                .nodeCompleted("a", step: 1, state: ["log": ["in", "a"], "sum": 1]),
                .checkpointSaved(checkpoints[1].id, node: "a", step: 1),
                .nodeStarted("b", step: 2),
                .output(node: "b", ["half": 0.5]),
                .nodeCompleted("b", step: 2, state: ["log": ["in", "a", "b"], "sum": 2]),
                .checkpointSaved(checkpoints[0].id, node: "b", step: 2),
                .runEnded(state: ["log": ["in", "a", "b"], "sum": 2]),
            ])
    }

    @Test func `ends a stream with the error of its run`() async throws {
        let engine = try FlowEngine(line { _ in throw Broken() })
        var events: [FlowEvent] = []
        await #expect(throws: FlowEngineError.self) {
            for try await event in engine.stream() { events.append(event) }
        }
        #expect(events.count == 2)
    }

    @Test(.timeLimit(.minutes(1))) func `cancels a run that nobody listens to`() async throws {
        let cancelled = Gate()
        let engine = try FlowEngine(
            line { _ in
                do { try await Task.sleep(for: .seconds(3600)) } catch {
                    cancelled.open()
                    throw error
                }
            })
        for try await event in engine.stream() {
            if case .nodeStarted = event { break }
        }
        await cancelled.wait()
    }

    @Test func `opens a session again when the store gave no answer`() async throws {
        let reads = Counter()
        let store = HookedStore(beforeRead: { () throws(CheckpointerError) in
            if reads.next() == 1 { throw .unavailable(reason: "restarting") }
        })
        #expect(try await FlowEngine(line(), checkpointer: store).invoke(sessionID: "s").sum == 3)
    }

    @Test func `gives up on a store that stays silent`() async throws {
        let store = HookedStore(beforeRead: { () throws(CheckpointerError) in
            throw .unavailable(reason: "gone")
        })
        let engine = try FlowEngine(line(), checkpointer: store, log: .silent, patience: .zero)
        let error = await #expect(throws: FlowEngineError.self) { try await engine.invoke(sessionID: "s") }
        #expect(error?.description == "the store gave no answer: gone")
    }

    @Test func `refuses input that the state has no key for`() async throws {
        let engine = try FlowEngine(line(), checkpointer: MemoryCheckpointer())
        let error = await #expect(throws: FlowEngineError.self) {
            try await engine.invoke(Update(partial: ["nots": 1]), sessionID: "s")
        }
        guard case .refused? = error else {
            Issue.record("expected refused, got \(String(describing: error))")
            return
        }
        #expect(try await engine.state(of: "s") == nil)
    }

    @Test func `leaves a failed session marked so, and takes it up again`() async throws {
        let store = MemoryCheckpointer()
        let failures = Failures(of: "a", times: 1)
        let engine = try FlowEngine(line { try failures($0) }, checkpointer: store)
        await #expect(throws: FlowEngineError.self) { try await engine.invoke(sessionID: "s") }
        #expect(try await store.session("s")?.record.status == .failed)
        #expect(try await engine.invoke(sessionID: "s").sum == 3)
        #expect(try await store.session("s")?.record.status == .done)
    }
}
