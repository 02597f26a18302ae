public import PenstockModel

/// A fixed arrow from one node to the next.
public struct Edge: Hashable, Sendable {
    let source: NodeName
    let target: NodeName

    /// After `source` comes `target`; ``NodeName/start`` and ``NodeName/end`` are the two ends.
    public init(_ source: NodeName, _ target: NodeName) {
        self.source = source
        self.target = target
    }
}
