public import PenstockModel

/// An error of the flow: in a node, a route, a reducer, or because a limit was reached.
public struct RunFailure: Error, Sendable, CustomStringConvertible {
    /// The node that failed; `__start__` when the way into the flow did.
    public let node: NodeName
    /// The step that was being made.
    public let step: Int
    /// What was thrown.
    public let cause: any Error
    /// The checkpoint that the session stands at; `nil` when it has none.
    public let checkpoint: CheckpointID?

    /// What was thrown, in words.
    public var message: String { sentence(of: cause) }

    /// Whether trying again is useless.
    public let isPermanent: Bool

    init(node: NodeName, step: Int, cause: any Error, checkpoint: CheckpointID?) {
        self.node = node
        self.step = step
        self.checkpoint = checkpoint
        let givenUp = cause as? GivenUp
        self.cause = givenUp?.cause ?? cause
        isPermanent =
            givenUp != nil || cause is PermanentFailure || cause is StepLimitReached
            || cause is StateTooLarge
    }

    /// Where it failed, and why.
    public var description: String { "\(node.shown) failed at step \(step): \(message)" }
}
