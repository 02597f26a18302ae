public import PenstockModel

/// Says that trying again is useless: throw it from a node, and the job is buried at once.
///
/// ```swift
/// throw PermanentFailure("the card was declined")
/// ```
public struct PermanentFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, in a sentence.
    public let description: String

    /// A failure for good, with its reason.
    public init(_ reason: String) {
        description = reason
    }
}

/// Nothing of the node ran: the machine was short of something that it will have again. The same try is made once more, and is
/// not counted.
package struct NotRun: Error, CustomStringConvertible {
    package let description: String

    package init(_ sentence: String) {
        description = sentence
    }
}

/// A try of a node took longer than its timeout.
public struct NodeTimedOut: Error, Hashable, Sendable, CustomStringConvertible {
    /// The node.
    public let node: NodeName
    /// Its timeout.
    public let limit: Duration

    /// The node and its limit, in a sentence.
    public var description: String { "node \(node) ran into its timeout of \(limit)" }
}

/// A run took as many steps as its flow allows.
public struct StepLimitReached: Error, Hashable, Sendable, CustomStringConvertible {
    /// The flow.
    public let flow: FlowName
    /// The most nodes of one run.
    public let limit: Int
    /// The node that would have come next.
    public let node: NodeName

    /// What happened, and what to do about it.
    public var description: String {
        "flow \(flow) ran \(limit) nodes without reaching END and would go on at \(node): a loop without an end? "
            + "raise its maxSteps if it is not"
    }
}

/// The state became larger than its flow allows. Nothing of it was saved.
public struct StateTooLarge: Error, Hashable, Sendable, CustomStringConvertible {
    /// The flow.
    public let flow: FlowName
    /// The node whose update made it so large.
    public let node: NodeName
    /// Its bytes as JSON.
    public let bytes: Int
    /// The most bytes of a state in this flow.
    public let limit: Int

    /// What happened, and what to do about it.
    public var description: String {
        "the state after node \(node) has \(bytes) bytes as JSON, and flow \(flow) allows \(limit): keep what is large "
            + "elsewhere and its address in the state, or raise the flow's limit (max_state_bytes in a file, maxStateBytes in Swift)"
    }
}

/// A route named a node that is not among its targets.
public struct RouteStrayed: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the route begins.
    public let source: NodeName
    /// What it answered.
    public let answer: NodeName
    /// What it may answer.
    public let targets: [NodeName]

    /// What it answered and what it may answer.
    public var description: String {
        "the route from \(source) answered \"\(answer)\", which is not among its targets: "
            + targets.map(\.text).joined(separator: ", ")
    }
}
