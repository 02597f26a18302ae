package import PenstockJSON
public import PenstockModel

/// A conditional arrow: the state decides which node comes next.
///
/// It is decided once, when the node before it is checkpointed, and recorded there. In a worker that happens on the thread that serves
/// the other jobs too: what computes for long belongs in a node.
///
/// ```swift
/// Route("price", to: ["ship", .end]) { $0.cents > 0 ? "ship" : .end }
/// ```
public struct Route<State: Sendable>: Sendable {
    let source: NodeName
    let targets: [NodeName]
    let decide: @Sendable (State) throws -> NodeName
    /// What its file says of it, for people to see.
    package var declaration: JSONObject = [:]

    /// After `source` comes the one of `targets` that `decide` names.
    ///
    /// - Parameters:
    ///   - source: The node before.
    ///   - targets: All that may come next.
    ///   - decide: Sees the state after `source`. Another name than one of `targets` fails the attempt.
    public init(
        _ source: NodeName, to targets: [NodeName],
        decide: @escaping @Sendable (_ state: State) throws -> NodeName
    ) {
        self.source = source
        self.targets = targets
        self.decide = decide
    }
}
