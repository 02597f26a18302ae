/// What a store keeps of a job, written in one transaction with the checkpoints of its run.
public struct JobRecord: Hashable, Sendable {
    /// The job.
    public var id: JobID
    /// The session that it runs in.
    public var session: SessionID
    /// The flow that it asks for.
    public var flow: String
    /// How the job stands.
    public var status: JobStatus
    /// Whether its input is part of the session's state: it is never merged a second time.
    public var merged: Bool
    /// Where its result is, once it is done.
    public var result: JobResult?
    /// Why it was buried.
    public var error: String?
    /// Attempts that ended in an error of the flow.
    public var attempts: Int
    /// The worker that wrote this.
    public var worker: String
    /// When the first checkpoint of the job was saved.
    public var created: Timestamp
    /// When the record was last written.
    public var updated: Timestamp

    /// A record with every field given.
    public init(
        id: JobID, session: SessionID, flow: String, status: JobStatus, merged: Bool,
        result: JobResult? = nil,
        error: String? = nil, attempts: Int = 0, worker: String, created: Timestamp, updated: Timestamp
    ) {
        self.id = id
        self.session = session
        self.flow = flow
        self.status = status
        self.merged = merged
        self.result = result
        self.error = error
        self.attempts = attempts
        self.worker = worker
        self.created = created
        self.updated = updated
    }
}

/// How a job stands in the store. ``done`` and ``cancelled`` are final; ``dead`` is not once the job is sent again.
public enum JobStatus: String, Hashable, Sendable, CaseIterable {
    /// Under way, or stopped in the middle.
    case running
    /// Its run reached END, or an interrupt.
    case done
    /// Given up by its producer.
    case cancelled
    /// Buried with its bytes and the reason.
    case dead
}

/// Where the result of a job is: in the state of a checkpoint, not in a copy.
public struct JobResult: Hashable, Sendable {
    /// The checkpoint whose state is the result.
    public var checkpoint: CheckpointID
    /// The keys of the state that make up the result; `nil` for all of it.
    public var keys: [String]?

    /// A result with every field given.
    public init(checkpoint: CheckpointID, keys: [String]? = nil) {
        self.checkpoint = checkpoint
        self.keys = keys
    }
}
