import PenstockModel

extension FlowGraph {
    /// All that is wrong with the nodes' names and with the arrows.
    var faults: [FlowFault] {
        nameFaults + exits.flatMap(faults(of:)) + sourceFaults + wayFaults
    }

    private var nameFaults: [FlowFault] {
        if nodes.isEmpty { return [.noNodes] }
        var seen: Set<NodeName> = []
        return nodes.compactMap { name in
            if name.isReserved { return .reservedName(name) }
            if !NodeName.accepts(name.text) { return .invalidNodeName(name.text) }
            return seen.insert(name).inserted ? nil : .duplicateNode(name)
        }
    }

    /// What is wrong with one edge or route by itself.
    private func faults(of exit: Exit) -> [FlowFault] {
        var faults: [FlowFault] = []
        let place = (exit.isRoute ? "the route" : "the edge") + " from \(exit.source.text)"
        func check(_ name: NodeName) {
            guard !name.isReserved, !nodes.contains(name) else { return }
            let suggestion = Nearest.suggestion(for: name.text, among: nodes.map(\.text))
            faults.append(.unknownNode(name, place: place, suggestion: suggestion))
        }
        if exit.source == .end { faults.append(.endAsSource) }
        check(exit.source)
        if exit.targets.isEmpty { faults.append(.emptyRoute(from: exit.source)) }
        for target in exit.targets {
            if target == .start { faults.append(.startAsTarget(from: exit.source)) }
            if target == .end, exit.source == .start { faults.append(.noNodeBetween) }
            check(target)
        }
        return faults
    }

    /// What is wrong with all that leaves one node.
    private var sourceFaults: [FlowFault] {
        let bySource = Dictionary(grouping: exits, by: \.source)
        return ([.start] + nodes.unique).flatMap { source -> [FlowFault] in
            let edges = bySource[source, default: []].count { !$0.isRoute }
            let routes = bySource[source, default: []].count - edges
            var faults: [FlowFault] = []
            if edges > 1 { faults.append(.severalEdges(from: source)) }
            if routes > 1 { faults.append(.severalRoutes(from: source)) }
            if edges > 0, routes > 0 { faults.append(.edgeAndRoute(from: source)) }
            return faults
        }
    }

    /// Where no way leads.
    private var wayFaults: [FlowFault] {
        guard !nodes.isEmpty else { return [] }
        let sources = Set(exits.map(\.source))
        let fromStart = reachable(from: .start)
        let toEnd = reachable(from: .end, backwards: true)
        var faults: [FlowFault] = []
        if !sources.contains(.start) {
            faults.append(.noWayFromStart)
        } else if !fromStart.contains(.end) {
            faults.append(.noWayToEnd)
        }
        for name in nodes.unique where !name.isReserved {
            if sources.contains(.start), !fromStart.contains(name) { faults.append(.unreachable(name)) }
            if !sources.contains(name) {
                faults.append(.noExit(name))
            } else if !toEnd.contains(name) {
                faults.append(.noWayOut(name))
            }
        }
        return faults
    }
}

extension [NodeName] {
    /// Each name once, where it came first.
    fileprivate var unique: [NodeName] {
        var seen: Set<NodeName> = []
        return filter { seen.insert($0).inserted }
    }
}
