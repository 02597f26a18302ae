import PenstockModel

/// A flow made ready to run: for every node, what it does and what leads out of it.
final class FlowPlan<State: Sendable>: Sendable {
    let name: FlowName
    let version: Int
    let settings: FlowSettings
    let shape: StateShape<State>
    private let stops: [NodeName: Stop]
    private let entry: Exit?

    /// A node, and the way on from it.
    struct Stop: Sendable {
        let node: Node<State>
        let exit: Exit?
    }

    /// What leads out of a node.
    enum Exit: Sendable {
        case edge(NodeName)
        case route(Route<State>)

        /// The node that comes next, by the state as it is now.
        func target(for state: State) throws -> NodeName {
            switch self {
            case .edge(let target):
                return target
            case .route(let route):
                let answer = try route.decide(state)
                guard route.targets.contains(answer) else {
                    throw RouteStrayed(source: route.source, answer: answer, targets: route.targets)
                }
                return answer
            }
        }
    }

    init(_ flow: Flow<State>) {
        name = flow.name
        version = flow.version
        settings = flow.settings
        shape = flow.shape
        var exits: [NodeName: Exit] = [:]
        for edge in flow.edges { exits[edge.source] = .edge(edge.target) }
        for route in flow.routes { exits[route.source] = .route(route) }
        stops = Dictionary(flow.nodes.map { ($0.name, Stop(node: $0, exit: exits[$0.name])) }) { first, _ in
            first
        }
        entry = exits[.start]
    }

    func stop(_ name: NodeName) -> Stop? { stops[name] }

    var nodeNames: [String] { stops.keys.map(\.text).sorted() }

    /// Where a run goes from START, or from a node that has completed.
    func next(after name: NodeName, state: State) throws -> NodeName {
        let exit = name == .start ? entry : stops[name]?.exit
        return try exit?.target(for: state) ?? .end
    }
}
