import PenstockModel

/// The arrows of a flow, without what its nodes do.
struct FlowGraph {
    /// What leads out of a node: an edge to one target, or a route to one of several.
    struct Exit {
        let source: NodeName
        let targets: [NodeName]
        let isRoute: Bool
    }

    let nodes: [NodeName]
    let exits: [Exit]

    init(_ flow: Flow<some Sendable>) {
        nodes = flow.nodes.map(\.name)
        exits =
            flow.edges.map { Exit(source: $0.source, targets: [$0.target], isRoute: false) }
            + flow.routes.map { Exit(source: $0.source, targets: $0.targets, isRoute: true) }
    }

    /// All that can be reached from `origin`, itself included, along the arrows or against them.
    func reachable(from origin: NodeName, backwards: Bool = false) -> Set<NodeName> {
        var next: [NodeName: [NodeName]] = [:]
        for exit in exits {
            for target in exit.targets {
                let (from, to) = backwards ? (target, exit.source) : (exit.source, target)
                next[from, default: []].append(to)
            }
        }
        var reached: Set<NodeName> = [origin]
        var open = [origin]
        while let name = open.popLast() {
            for other in next[name] ?? [] where reached.insert(other).inserted { open.append(other) }
        }
        return reached
    }
}
