package import PenstockJSON
public import PenstockModel

/// A named, versioned graph of nodes over one state type.
///
/// ```swift
/// func order(_ carrier: Carrier) -> Flow<Order> {
///     Flow("order", version: 1) {
///         Node("price") { order, context in
///             Update(\.cents, try await catalogue.price(of: order.items))
///         }
///         Node("ship") { order, context in
///             try await carrier.ship(order.items, idempotencyKey: context.idempotencyKey)
///             return Update(\.log, ["shipped"])
///         }
///         Edge(.start, "price")
///         Route("price", to: ["ship", .end]) { $0.cents > 0 ? "ship" : .end }
///         Edge("ship", .end)
///     }
/// }
/// ```
///
/// Making one never fails: ``faults`` has what is wrong with it, and no engine or worker takes it until there
/// is nothing.
public struct Flow<State: Sendable>: Sendable {
    /// The flow's name, as jobs ask for it.
    public let name: FlowName
    /// Counted from 1; raise it when stored sessions could not go on with the new graph.
    public let version: Int
    private(set) var nodes: [Node<State>]
    let edges: [Edge]
    let routes: [Route<State>]
    let shape: StateShape<State>
    package private(set) var settings: FlowSettings

    package init(
        _ name: FlowName, version: Int, nodes: [Node<State>], edges: [Edge], routes: [Route<State>],
        shape: StateShape<State>, settings: FlowSettings = FlowSettings()
    ) {
        self.name = name
        self.version = version
        self.nodes = nodes
        self.edges = edges
        self.routes = routes
        self.shape = shape
        self.settings = settings
    }
}

extension Flow where State: FlowState {
    /// A flow of these nodes, edges and routes.
    public init(_ name: FlowName, version: Int, @FlowBuilder<State> parts: () -> FlowPart<State>) {
        var nodes: [Node<State>] = []
        var edges: [Edge] = []
        var routes: [Route<State>] = []
        for kind in parts().kinds {
            switch kind {
            case .node(let node): nodes.append(node)
            case .edge(let edge): edges.append(edge)
            case .route(let route): routes.append(route)
            }
        }
        self.init(name, version: version, nodes: nodes, edges: edges, routes: routes, shape: .typed())
    }
}

extension Flow where State == JSONObject {
    /// A flow over plain JSON, as files declare them; the reducers by key: `append`, `sum`, `merge`, `min`,
    /// `max` or `replace`.
    package init(
        declared name: FlowName, version: Int, reducers: JSONObject, nodes: [Node<JSONObject>],
        edges: [Edge], routes: [Route<JSONObject>], settings: FlowSettings = FlowSettings()
    ) {
        self.init(
            name, version: version, nodes: nodes, edges: edges, routes: routes,
            shape: .json(reducers: reducers), settings: settings)
    }
}

extension Flow {
    /// Ends a run with an error after that many nodes: 1000 unless set.
    public func maxSteps(_ limit: Int) -> Flow { with { $0.maxSteps = limit } }

    /// Ends an attempt with an error, which is not tried again, when the state has more bytes than that as JSON: 16 MiB unless
    /// set. Nothing of the node that made it so large is saved.
    public func maxStateBytes(_ limit: Int) -> Flow { with { $0.maxStateBytes = limit } }

    /// Saves checkpoints that often: ``Durability/sync`` unless set.
    public func durability(_ durability: Durability) -> Flow { with { $0.durability = durability } }

    /// Makes a job's result of these keys of the state; of all of it unless set.
    public func result(_ keys: String...) -> Flow { with { $0.resultKeys = keys } }

    /// Lets a new job start over in a session that stopped in the middle, instead of going on there.
    public func restarting() -> Flow { with { $0.restart = true } }

    /// Attempts a job so often, and waits like this in between, unless the job's message says how often (`max_attempts`).
    ///
    /// What a node throws is not worth another attempt if it is a ``PermanentFailure``, or if ``givingUp(on:)`` says so.
    public func attempts(_ policy: RetryPolicy) -> Flow { with { $0.attempts = policy } }

    /// Buries a job at once, without another try of the node or attempt of the job, when a node throws an error for which this is true.
    ///
    /// ```swift
    /// order(carrier).givingUp { ($0 as? CarrierError)?.isRefusal == true }
    /// ```
    public func givingUp(on isWorthless: @escaping @Sendable (any Error) -> Bool) -> Flow {
        var flow = self
        flow.nodes = nodes.map { node in
            var node = node
            node.givesUp = isWorthless
            return node
        }
        return flow
    }

    /// Keeps the last so many checkpoints of each session, and of these the ones that are younger than `age`; what is not given
    /// is as the worker's settings say, and 0 keeps all.
    ///
    /// ```swift
    /// chat.retention(checkpoints: 50, age: .seconds(30 * 86_400))
    /// ```
    public func retention(checkpoints: Int? = nil, age: Duration? = nil) -> Flow {
        with { $0.retention = FlowRetention(checkpoints: checkpoints, age: age) }
    }

    private func with(_ change: (inout FlowSettings) -> Void) -> Flow {
        var flow = self
        change(&flow.settings)
        return flow
    }
}
