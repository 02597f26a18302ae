import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

/// What is wrong with a flow of these edges and routes; its nodes do nothing.
private func faults(
    nodes: [NodeName] = ["a", "b"], edges: [(NodeName, NodeName)], routes: [(NodeName, [NodeName])] = []
) -> [FlowFault] {
    Flow<Trail>("f", version: 1) {
        for name in nodes { Node(name) { _, _ in .none } }
        for (source, target) in edges { Edge(source, target) }
        for (source, targets) in routes { Route(source, to: targets) { _ in .end } }
    }
    .faults
}

@Suite struct `The faults of a flow` {
    @Test func `are none when all is well`() {
        #expect(faults(edges: [(.start, "a"), ("a", "b"), ("b", .end)]).isEmpty)
        #expect(faults(edges: [(.start, "a"), ("b", "a")], routes: [("a", ["b", "a", .end])]).isEmpty)
        #expect(faults(edges: [("a", .end), ("b", .end)], routes: [(.start, ["a", "b"])]).isEmpty)
    }

    @Test func `are told all at once`() throws {
        let faults = faults(
            nodes: ["a", "a", "__end__", "no good", "lost"],
            edges: [(.start, "a"), ("a", "nowhere"), ("a", .start), (.end, "a")], routes: [("a", [])])
        #expect(
            Set(faults) == [
                .duplicateNode("a"), .reservedName(.end), .invalidNodeName("no good"),
                .unknownNode("nowhere", place: "the edge from a", suggestion: ""), .startAsTarget(from: "a"),
                .endAsSource, .severalEdges(from: "a"), .edgeAndRoute(from: "a"), .emptyRoute(from: "a"),
                .noWayToEnd, .unreachable("no good"), .unreachable("lost"), .noExit("no good"),
                .noExit("lost"), .noWayOut("a"),
            ])
        do throws(FlowEngineError) {
            let edges = [(NodeName.start, NodeName("a"))]
            _ = try FlowEngine(
                Flow<Trail>("f", version: 0) {
                    Node("a") { _, _ in .none }
                    for (source, target) in edges { Edge(source, target) }
                })
            Issue.record("the engine took a flow with faults")
        } catch {
            guard case .faults(let faults) = error else {
                Issue.record("expected faults, got \(error)")
                return
            }
            #expect(faults == [.invalidVersion(0), .noWayToEnd, .noExit("a")])
        }
    }

    @Test func `suggest the node that was meant`() throws {
        let faults = faults(
            nodes: ["price", "ship"], edges: [(.start, "price"), ("price", "shpi"), ("ship", .end)])
        #expect(
            faults.first?.description == """
                the edge from price names "shpi", and there is no such node; did you mean "ship"?
                """)
    }

    @Test func `tell of a flow without nodes, and of one that skips them`() {
        #expect(faults(nodes: [], edges: [(.start, .end)]) == [.noNodes, .noNodeBetween])
        #expect(
            faults(nodes: ["a"], edges: [(.start, .end), ("a", .end)]) == [.noNodeBetween, .unreachable("a")])
        #expect(
            faults(nodes: ["a"], edges: [("a", .end)], routes: [(.start, ["a", .end])]) == [.noNodeBetween])
    }

    @Test func `tell of ways that lead nowhere`() {
        #expect(faults(edges: [("a", "b"), ("b", .end)]) == [.noWayFromStart])
        #expect(faults(edges: [(.start, "a"), ("a", .end), ("b", .end)]) == [.unreachable("b")])
        #expect(faults(edges: [(.start, "a")], routes: [("a", ["b", .end])]) == [.noExit("b")])
        #expect(
            faults(edges: [(.start, "a"), ("b", "b")], routes: [("a", ["b", .end])]) == [.noWayOut("b")])
        #expect(faults(nodes: ["a"], edges: [(.start, "a"), ("a", "a")]) == [.noWayToEnd, .noWayOut("a")])
    }

    @Test func `tell of several arrows where one must be`() {
        #expect(
            faults(edges: [(.start, "a"), (.start, "b"), ("a", .end), ("b", .end)])
                == [.severalEdges(from: .start)])
        #expect(
            faults(nodes: ["a"], edges: [(.start, "a")], routes: [("a", ["a"]), ("a", [.end])])
                == [.severalRoutes(from: "a")])
        #expect(
            faults(nodes: ["a"], edges: [(.start, "a"), ("a", .end)], routes: [("a", ["a", .end])])
                == [.edgeAndRoute(from: "a")])
    }

    @Test func `tell of names, settings and policies that cannot be`() {
        let flow = Flow<Trail>("no good", version: 1) {
            Node("a") { _, _ in .none }
                .retry(.exponential(maxAttempts: 0)).timeout(.zero)
            Edge(.start, "a")
            Edge("a", .end)
        }
        .maxSteps(0).maxStateBytes(1).result("sum", "nots").retention(checkpoints: -1, age: .seconds(-1))
        #expect(
            flow.faults == [
                .invalidFlowName("no good"), .invalidSetting("maxStateBytes is at least 2; this flow has 1"),
                .invalidSetting("maxSteps is at least 1; this flow has 0"),
                .invalidSetting("retention keeps 0 checkpoints (all) or more; this flow has -1"),
                .invalidSetting("retention has an age of 0 (all) or more; this flow has -1.0 seconds"),
                .invalidNode("a", reason: "is to be tried 0 times; once is the least"),
                .invalidNode("a", reason: "has a timeout of 0.0 seconds, which is over before it begins"),
                .unknownResultKey("nots", suggestion: "; did you mean \"note\"?"),
            ])
    }

    @Test func `tell of reducers for keys that the state lacks, and of two for one`() {
        struct Odd: FlowState {
            var kept: [Int] = []
            var best: Int?
            var inner = Inner()
            struct Inner: Codable { var count = 0 }
            enum CodingKeys: String, CodingKey {
                case kept = "stored"
                case best, inner
            }
            static let reducers: [Reducer<Odd>] = [
                .append(\.kept), .append(\.kept, key: "stored"), .max(\.best), .min(\.best),
                .sum(\.inner.count),
            ]
        }
        let flow = Flow<Odd>("odd", version: 1) {
            Node("a") { _, _ in .none }
            Edge(.start, "a")
            Edge("a", .end)
        }
        #expect(
            flow.faults == [
                .unknownReducerKey("kept", state: "Odd", suggestion: ""), .duplicateReducer(key: "best"),
                .unknownReducerKey("inner.count", state: "Odd", suggestion: ""),
            ])
    }

    @Test func `tell of a state whose default cannot be written and read back`() throws {
        struct Bad: FlowState {
            var fine = 1
            init() {}
            init(from decoder: any Decoder) throws { throw Broken() }
        }
        let flow = Flow<Bad>("bad", version: 1) {
            Node("a") { _, _ in .none }
            Edge(.start, "a")
            Edge("a", .end)
        }
        let fault = try #require(flow.faults.first)
        #expect(flow.faults.count == 1)
        #expect(fault.description.contains("the default of the state Bad cannot be written and read back"))
    }

    @Test func `tell of reducers that there are not, in a declared flow`() {
        let flow = Flow<JSONObject>(
            declared: "d", version: 1, reducers: ["log": "appendd"], nodes: [Node("a") { _, _ in .none }],
            edges: [Edge(.start, "a"), Edge("a", .end)], routes: [])
        #expect(
            flow.faults.map(\.description) == [
                """
                the reducer "appendd" of the key "log" is none of append, sum, merge, min, max, replace; \
                did you mean "append"?
                """
            ])
    }
}
