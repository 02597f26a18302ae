/// Names a session: the unit of locking, ordering and resuming.
public typealias SessionID = Identifier<SessionKind>
/// Names a job: one message that asks for a flow to be run in a session.
public typealias JobID = Identifier<JobKind>
/// Names a flow.
public typealias FlowName = Identifier<FlowKind>
/// Names a queue.
public typealias QueueName = Identifier<QueueKind>
/// Names a node within its flow; ``NodeName/start`` and ``NodeName/end`` are the two ends.
public typealias NodeName = Identifier<NodeKind>

/// The kind of ``SessionID``.
public enum SessionKind: IdentifierKind {
    /// The word for it in messages.
    public static var noun: String { "session id" }
    /// 255 bytes.
    public static var maxLength: Int { 255 }
}

/// The kind of ``JobID``.
public enum JobKind: IdentifierKind {
    /// The word for it in messages.
    public static var noun: String { "job id" }
    /// 255 bytes.
    public static var maxLength: Int { 255 }
}

/// The kind of ``FlowName``.
public enum FlowKind: IdentifierKind {
    /// The word for it in messages.
    public static var noun: String { "flow name" }
    /// 100 bytes.
    public static var maxLength: Int { 100 }
    /// No: a flow reports it as one of its faults.
    public static var checksLiterals: Bool { false }
}

/// The kind of ``QueueName``.
public enum QueueKind: IdentifierKind {
    /// The word for it in messages.
    public static var noun: String { "queue name" }
    /// 100 bytes.
    public static var maxLength: Int { 100 }
}

/// The kind of ``NodeName``.
public enum NodeKind: IdentifierKind {
    /// The word for it in messages.
    public static var noun: String { "node name" }
    /// 100 bytes.
    public static var maxLength: Int { 100 }
    /// No: a flow reports it as one of its faults.
    public static var checksLiterals: Bool { false }
}

extension NodeName {
    /// Where every run enters a flow.
    public static let start = NodeName(unchecked: "__start__")
    /// Where every run leaves a flow.
    public static let end = NodeName(unchecked: "__end__")

    /// Whether this is ``start`` or ``end``, which no node may be called.
    public var isReserved: Bool { self == .start || self == .end }
}
