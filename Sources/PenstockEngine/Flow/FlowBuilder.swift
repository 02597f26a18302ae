/// A node, an edge or a route: what stands between the braces of a ``Flow``.
public struct FlowPart<State: Sendable>: Sendable {
    enum Kind: Sendable {
        case node(Node<State>)
        case edge(Edge)
        case route(Route<State>)
    }

    let kinds: [Kind]
}

/// Collects the nodes, edges and routes of a ``Flow``.
@resultBuilder
public enum FlowBuilder<State: Sendable> {
    /// A node.
    public static func buildExpression(_ node: Node<State>) -> FlowPart<State> {
        FlowPart(kinds: [.node(node)])
    }

    /// An edge.
    public static func buildExpression(_ edge: Edge) -> FlowPart<State> {
        FlowPart(kinds: [.edge(edge)])
    }

    /// A route.
    public static func buildExpression(_ route: Route<State>) -> FlowPart<State> {
        FlowPart(kinds: [.route(route)])
    }

    /// One after the other.
    public static func buildBlock(_ parts: FlowPart<State>...) -> FlowPart<State> {
        buildArray(parts)
    }

    /// What a loop gives.
    public static func buildArray(_ parts: [FlowPart<State>]) -> FlowPart<State> {
        FlowPart(kinds: parts.flatMap(\.kinds))
    }

    /// What an `if` gives.
    public static func buildOptional(_ part: FlowPart<State>?) -> FlowPart<State> {
        part ?? FlowPart(kinds: [])
    }

    /// The first branch of a choice.
    public static func buildEither(first part: FlowPart<State>) -> FlowPart<State> { part }

    /// The other branch of a choice.
    public static func buildEither(second part: FlowPart<State>) -> FlowPart<State> { part }
}
