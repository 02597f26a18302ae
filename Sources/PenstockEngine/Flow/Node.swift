package import PenstockJSON
public import PenstockModel

/// A step of a flow: reads the state, does its work, and gives an update.
///
/// ```swift
/// Node("price") { order, context in
///     Update(\.cents, try await catalogue.price(of: order.items))
/// }
/// .retry(.exponential(maxAttempts: 5)).timeout(.seconds(30))
/// ```
///
/// A node that was interrupted before its checkpoint runs again: what it does outside must be idempotent, by
/// ``NodeContext/idempotencyKey``.
///
/// In a worker it runs beside the thread that serves the jobs, on one of Swift's own, of which there are as many as the machine has
/// cores: it may compute, and what blocks for long holds up other nodes, but no lock, no beat and no program.
public struct Node<State: Sendable>: Sendable {
    let name: NodeName
    private(set) var retryPolicy = RetryPolicy.never
    private(set) var timeLimit: Duration?
    /// Whether an error is not worth another try.
    var givesUp: @Sendable (any Error) -> Bool = { _ in false }
    let run: @Sendable (State, NodeContext) async throws -> Update<State>
    /// What it does may take long: it is run where it holds up nobody else.
    private(set) var mayCompute = true
    /// What its file says of it, for people to see.
    package var declaration: JSONObject = [:]

    /// A node, and what it does.
    public init(
        _ name: NodeName,
        run: @escaping @Sendable (_ state: State, _ context: NodeContext) async throws -> Update<State>
    ) {
        self.name = name
        self.run = run
    }

    /// One that is known to compute next to nothing, and to wait without holding a thread: it is run where its flow is.
    package init(
        light name: NodeName, run: @escaping @Sendable (State, NodeContext) async throws -> Update<State>
    ) {
        self.init(name, run: run)
        mayCompute = false
    }

    /// Tries again in place when the node throws, before the job's attempt fails. A ``PermanentFailure`` is
    /// not tried again.
    public func retry(_ policy: RetryPolicy) -> Node {
        var node = self
        node.retryPolicy = policy
        return node
    }

    /// Ends each try after that time with ``NodeTimedOut``, by cancelling its task.
    ///
    /// A node that does not heed the cancellation is left behind after a second: nothing that it gives later
    /// is taken, but what it does outside may overlap with the next try.
    public func timeout(_ limit: Duration) -> Node {
        var node = self
        node.timeLimit = limit
        return node
    }
}
