/// The state of a session after a node, and what comes next.
public struct Checkpoint: Hashable, Sendable {
    /// Made before the first try to save it, so that a repeated save is known for what it is.
    public var id: CheckpointID
    /// The session it belongs to.
    public var session: SessionID
    /// When it was made; later than the one before by at least a millisecond, and only information: the order is `step`.
    public var timestamp: Timestamp
    /// The node that had just completed, or `__start__` in rows that llmfy wrote.
    public var node: String
    /// Its place in the session's life, counted from 1 and over all runs.
    public var step: Int
    /// The state: one JSON object, as UTF-8.
    public var state: [UInt8]
    /// The nodes to run next, `__end__` when the run is complete; `nil` in rows that llmfy wrote.
    public var next: [String]?
    /// The epoch of the writer; `nil` in rows that llmfy wrote.
    public var epoch: Int64?
    /// The job that was being run; `nil` in rows that llmfy wrote.
    public var job: JobID?
    /// The job that entered at START; `nil` in rows that llmfy wrote.
    public var run: JobID?
    /// How many nodes of the run were committed, this one included; `nil` in rows that llmfy wrote.
    public var runStep: Int?
    /// The job's metadata and what nodes added: one JSON object as UTF-8, or `nil` when there is none.
    public var metadata: [UInt8]?

    /// A checkpoint with every field given; the later ones are absent in what llmfy wrote.
    public init(
        id: CheckpointID, session: SessionID, timestamp: Timestamp, node: String, step: Int, state: [UInt8],
        next: [String]? = nil, epoch: Int64? = nil, job: JobID? = nil, run: JobID? = nil, runStep: Int? = nil,
        metadata: [UInt8]? = nil
    ) {
        self.id = id
        self.session = session
        self.timestamp = timestamp
        self.node = node
        self.step = step
        self.state = state
        self.next = next
        self.epoch = epoch
        self.job = job
        self.run = run
        self.runStep = runStep
        self.metadata = metadata
    }
}
