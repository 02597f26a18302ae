/// What a store keeps of a session beside its checkpoints.
public struct SessionRecord: Hashable, Sendable {
    /// The session.
    public var id: SessionID
    /// Raised at each open; every write names it.
    public var epoch: Int64
    /// The token of the opener; every write names it.
    public var owner: String
    /// The step of the last checkpoint, 0 before the first. It never falls, not by a reset either.
    public var head: Int
    /// The flow that the session belongs to; `nil` before the first checkpoint, after a reset, and for llmfy's sessions.
    public var flow: String?
    /// The version of the flow that wrote last.
    public var version: Int?
    /// How the session stands; `nil` when only llmfy has written.
    public var status: SessionStatus?
    /// When the session was first opened.
    public var created: Timestamp
    /// When the session was last opened or written.
    public var updated: Timestamp

    /// A record with every field given.
    public init(
        id: SessionID, epoch: Int64, owner: String, head: Int, flow: String? = nil, version: Int? = nil,
        status: SessionStatus? = nil, created: Timestamp, updated: Timestamp
    ) {
        self.id = id
        self.epoch = epoch
        self.owner = owner
        self.head = head
        self.flow = flow
        self.version = version
        self.status = status
        self.created = created
        self.updated = updated
    }
}

/// How a session stands.
public enum SessionStatus: String, Hashable, Sendable, CaseIterable {
    /// A run is under way, or stopped in the middle.
    case running
    /// The last run stopped at an interrupt and waits for answers.
    case waiting
    /// The last run reached END.
    case done
    /// The last run's job was buried.
    case failed
}

/// A session in a listing.
public struct SessionSummary: Hashable, Sendable {
    /// What the store keeps of the session.
    public var record: SessionRecord
    /// How many checkpoints it has.
    public var checkpoints: Int
    /// The bytes of its checkpoints' states.
    public var bytes: Int
    /// The metadata of its latest checkpoint: one JSON object as UTF-8.
    public var metadata: [UInt8]?

    /// A summary with every field given.
    public init(record: SessionRecord, checkpoints: Int, bytes: Int, metadata: [UInt8]?) {
        self.record = record
        self.checkpoints = checkpoints
        self.bytes = bytes
        self.metadata = metadata
    }
}
