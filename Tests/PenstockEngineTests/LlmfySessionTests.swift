import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

/// What the Python library keeps in the sessions of its flow fetch -> score -> write.
private struct Crawl: FlowState, Equatable {
    var messages: [String] = []
    var status = ""
    var counter = 0
    var ratio = 1.0
    static let reducers: [Reducer<Crawl>] = [.append(\.messages)]
}

private let crawl = Flow<Crawl>("crawl", version: 1) {
    for name in ["fetch", "score", "write"] as [NodeName] { Node(name) { _, _ in .none } }
    Edge(.start, "fetch")
    Route("fetch", to: ["score", .end]) { $0.status == "skip" ? .end : "score" }
    Edge("score", "write")
    Edge("write", .end)
}

private func row(_ node: String, _ step: Int, status: String = "fetched") -> Checkpoint {
    Checkpoint(
        id: CheckpointID("00000000-0000-4000-8000-00000000000\(step)"), session: "sess-1",
        timestamp: Timestamp(microseconds: 1_767_323_045_678_901), node: node, step: step,
        state: Array(#"{"messages": ["\#(node)"], "status": "\#(status)", "counter": 1, "nested": {}}"#.utf8))
}

private func position(
    latest: Checkpoint?, start: Checkpoint? = nil, input: JSONObject? = nil
) throws -> RunPosition<Crawl> {
    let head = max(latest?.step ?? 0, start?.step ?? 0)
    let record = SessionRecord(
        id: "sess-1", epoch: 1, owner: "o", head: head, created: Timestamp(microseconds: 0),
        updated: Timestamp(microseconds: 0))
    let opened = OpenedSession(record: record, latest: latest, start: start, job: nil)
    return try RunEntry(plan: FlowPlan(crawl), job: "j1", input: input.map { Update(partial: $0) }).position(
        in: opened)
}

@Suite struct `A session that llmfy wrote` {
    @Test func `goes on after the node that had completed`() throws {
        let position = try position(latest: row("fetch", 1), input: ["messages": ["in"]])
        #expect(position.next == "score")
        #expect(position.step == 1)
        #expect(position.held.value.messages == ["fetch", "in"])
        #expect(position.held.extras == ["nested": [:]])
    }

    @Test func `goes on in a run that its checkpoint names, the same for every job`() throws {
        let position = try position(latest: row("fetch", 1))
        #expect(position.run == "00000000-0000-4000-8000-000000000001")
        #expect(position.runStep == 0)
    }

    @Test func `has its routes decided by the merged state`() throws {
        let position = try position(latest: row("fetch", 1), input: ["status": "skip"])
        #expect(position.next == "fetch")
        #expect(position.run == "j1")
    }

    @Test func `takes its state from a start row of equal step, not its position`() throws {
        let position = try position(latest: row("fetch", 1), start: row("__start__", 1, status: "merged"))
        #expect(position.next == "score")
        #expect(position.held.value.status == "merged")
    }

    @Test func `with nothing but a start row begins at START with that state`() throws {
        let position = try position(latest: nil, start: row("__start__", 0, status: "start"))
        #expect(position.next == "fetch")
        #expect(position.held.value.status == "start")
        #expect(position.run == "j1")
        #expect(position.step == 0)
    }

    @Test func `that is complete begins a new run, its steps going on`() throws {
        let position = try position(latest: row("write", 3), start: row("__start__", 3))
        #expect(position.next == "fetch")
        #expect(position.run == "j1")
        #expect(position.step == 3)
    }

    @Test func `that stands after a node which the flow lacks is refused`() throws {
        let hindrance = try #require(throws: RunHindrance.self) { _ = try position(latest: row("old", 1)) }
        guard case .refused(let sentence) = hindrance else {
            Issue.record("expected refused, got \(hindrance)")
            return
        }
        #expect(sentence.contains("stands after node \"old\", which version 1 of flow crawl does not have"))
    }
}
