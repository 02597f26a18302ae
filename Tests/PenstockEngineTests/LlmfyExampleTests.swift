import PenstockCheckpointers
import PenstockEngine
import PenstockModel
import Testing

/// The state of llmfy's example scripts: messages are appended, all else is replaced.
private struct Talk: FlowState, Equatable {
    var messages: [String] = []
    var status = ""
    var counter = 0
    static let reducers: [Reducer<Talk>] = [.append(\.messages)]
}

private func steps(_ message: @escaping @Sendable (NodeName, Talk) -> String, seen: Ledger<Int>? = nil)
    -> Flow<Talk>
{
    Flow("steps", version: 1) {
        for name in ["step1", "step2", "step3"] as [NodeName] {
            Node(name) { state, _ in
                seen?.note(state.counter)
                return Update(\.messages, [message(name, state)]).and(\.counter, state.counter + 1)
                    .and(\.status, name == "step3" ? "completed" : "\(name)")
            }
        }
        Edge(.start, "step1")
        Edge("step1", "step2")
        Edge("step2", "step3")
        Edge("step3", .end)
    }
}

/// What llmfy's `flowengine_checkpointer_example.py` prints; each test names its function there.
@Suite struct LlmfyExampleTests {
    /// `example_automatic_continuation`
    @Test func `a session that has ended is run from the start again, with its state and the new input`()
        async throws
    {
        let seen = Ledger<Int>()
        let engine = try FlowEngine(
            steps({ name, _ in name.text }, seen: seen), checkpointer: MemoryCheckpointer())
        let first = try await engine.invoke(sessionID: "one")
        #expect(first.counter == 3)
        #expect(first.status == "completed")
        #expect(first.messages.count == 3)
        let more = Update<Talk>(\.messages, ["Starting continuation"]).and(\.status, "continuing").and(
            \.counter, 100)
        let second = try await engine.invoke(more, sessionID: "one")
        #expect(seen.entries == [0, 1, 2, 100, 101, 102])
        #expect(second.counter == 103)
        #expect(
            second.messages == [
                "step1", "step2", "step3", "Starting continuation", "step1", "step2", "step3",
            ])
        #expect(try await engine.invoke(sessionID: "other").counter == 3)
    }

    /// `example_reducer_behavior`
    @Test func `an input is reduced like an update: what is appended is appended, the rest is replaced`()
        async throws
    {
        let flow = Flow<Talk>("reducers", version: 1) {
            Node("process") { state, _ in
                Update(\.messages, ["Processed at counter=\(state.counter)"]).and(
                    \.counter, state.counter + 1)
            }
            Edge(.start, "process")
            Edge("process", .end)
        }
        let engine = try FlowEngine(flow, checkpointer: MemoryCheckpointer())
        #expect(try await engine.invoke(sessionID: "s").counter == 1)
        let second = try await engine.invoke(
            Update(\.messages, ["New message"]).and(\.counter, 50), sessionID: "s")
        #expect(
            second.messages == ["Processed at counter=0", "New message", "Processed at counter=50"])
        #expect(second.counter == 51)
        let third = try await engine.invoke(nil, sessionID: "s")
        #expect(third.messages.last == "Processed at counter=51")
        #expect(third.counter == 52)
    }

    /// `example_reset_thread`
    @Test func `after a reset a session begins anew`() async throws {
        let flow = Flow<Talk>("count", version: 1) {
            Node("count") { state, _ in Update(\.counter, state.counter + 1) }
            Edge(.start, "count")
            Edge("count", .end)
        }
        let engine = try FlowEngine(flow, checkpointer: MemoryCheckpointer())
        #expect(try await engine.invoke(sessionID: "s").counter == 1)
        #expect(try await engine.invoke(nil, sessionID: "s").counter == 2)
        try await engine.reset(session: "s")
        #expect(try await engine.invoke(sessionID: "s").counter == 1)
    }

    /// `example_check_state`
    @Test func `a session has no state before its first run, and the last node's after it`() async throws {
        let flow = Flow<Talk>("check", version: 1) {
            Node("process") { _, _ in
                Update(\.messages, ["Processed"]).and(\.status, "done").and(\.counter, 1)
            }
            Edge(.start, "process")
            Edge("process", .end)
        }
        let engine = try FlowEngine(flow, checkpointer: MemoryCheckpointer())
        #expect(try await engine.state(of: "s") == nil)
        _ = try await engine.invoke(sessionID: "s")
        #expect(try await engine.state(of: "s") == Talk(messages: ["Processed"], status: "done", counter: 1))
    }

    /// `example_multistep_updates`
    @Test func `what an input leaves out stays as the run before has left it`() async throws {
        let statuses = Ledger<String>()
        let flow = Flow<Talk>("multistep", version: 1) {
            for number in 1...3 {
                Node(["step1", "step2", "step3"][number - 1]) { state, _ in
                    if number == 1 { statuses.note(state.status) }
                    return Update(\.messages, ["S\(number)"]).and(\.counter, number).and(
                        \.status, "step\(number)")
                }
            }
            Edge(.start, "step1")
            Edge("step1", "step2")
            Edge("step2", "step3")
            Edge("step3", .end)
        }
        let engine = try FlowEngine(flow, checkpointer: MemoryCheckpointer())
        #expect(try await engine.invoke(sessionID: "s").messages == ["S1", "S2", "S3"])
        let second = try await engine.invoke(Update(\.status, "continuing phase 2"), sessionID: "s")
        #expect(second.messages == ["S1", "S2", "S3", "S1", "S2", "S3"])
        let third = try await engine.invoke(Update(\.messages, ["Additional info"]), sessionID: "s")
        #expect(third.messages == second.messages + ["Additional info", "S1", "S2", "S3"])
        #expect(third.counter == 3)
        #expect(statuses.entries == ["", "continuing phase 2", "step3"])
    }

    /// `example_conditional_continuation`
    @Test func `a route of the next run goes by the new input`() async throws {
        let flow = Flow<Talk>("conditional", version: 1) {
            Node("check") { _, _ in Update(\.messages, ["Checked"]) }
            Node("low") { state, _ in Update(\.messages, ["Path: LOW"]).and(\.counter, state.counter + 1) }
            Node("high") { state, _ in Update(\.messages, ["Path: HIGH"]).and(\.counter, state.counter + 10) }
            Node("finalize") { _, _ in Update(\.messages, ["Finalized"]) }
            Edge(.start, "check")
            Route("check", to: ["low", "high"]) { $0.counter < 5 ? "low" : "high" }
            Edge("low", "finalize")
            Edge("high", "finalize")
            Edge("finalize", .end)
        }
        let engine = try FlowEngine(flow, checkpointer: MemoryCheckpointer())
        let first = try await engine.invoke(Update(\.counter, 2), sessionID: "s")
        #expect(first.messages == ["Checked", "Path: LOW", "Finalized"])
        #expect(first.counter == 3)
        let second = try await engine.invoke(Update(\.counter, 7), sessionID: "s")
        #expect(second.messages == first.messages + ["Checked", "Path: HIGH", "Finalized"])
        #expect(second.counter == 17)
    }
}
