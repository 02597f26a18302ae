import PenstockModel

extension Flow {
    /// The graph in the language of Mermaid: solid arrows for edges, dotted ones for routes.
    public var mermaid: String {
        var lines = ["graph TD", "    start([START])"]
        // Ids of our own: a node may be called `end`, which is a word of the language.
        var ids: [NodeName: String] = [.start: "start", .end: "finish"]
        for (index, node) in nodes.enumerated() where ids[node.name] == nil {
            ids[node.name] = "n\(index)"
            lines.append("    n\(index)(\"\(node.name)\")")
        }
        lines.append("    finish([END])")
        func arrow(_ source: NodeName, _ line: String, _ target: NodeName) {
            guard let source = ids[source], let target = ids[target] else { return }
            lines.append("    \(source) \(line) \(target)")
        }
        for edge in edges { arrow(edge.source, "-->", edge.target) }
        for route in routes {
            for target in route.targets { arrow(route.source, "-.->", target) }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
