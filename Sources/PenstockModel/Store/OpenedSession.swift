/// A session as its new owner finds it.
public struct OpenedSession: Hashable, Sendable {
    /// The record, with the epoch and the owner of this opening.
    public var record: SessionRecord
    /// The checkpoint that gives the position: the one with the greatest step that is no `__start__` row.
    public var latest: Checkpoint?
    /// A `__start__` row of llmfy's whose step is not below the latest's: it gives the state, but not the position.
    public var start: Checkpoint?
    /// The job's record, if one was written.
    public var job: JobRecord?

    /// An opened session with every field given.
    public init(record: SessionRecord, latest: Checkpoint?, start: Checkpoint?, job: JobRecord?) {
        self.record = record
        self.latest = latest
        self.start = start
        self.job = job
    }
}

/// One write to a session: everything in it becomes visible together, or none of it does.
public struct Save: Hashable, Sendable {
    /// The session.
    public var session: SessionID
    /// The epoch of the writer's opening.
    public var epoch: Int64
    /// The token of the writer's opening.
    public var owner: String
    /// The head that the writer last saw.
    public var seen: Int
    /// The checkpoint to add, its step above `seen`; `nil` when only the job's record changes.
    public var checkpoint: Checkpoint?
    /// The flow that the session belongs to from now on.
    public var flow: String
    /// The flow's version.
    public var version: Int
    /// How the session stands afterwards.
    public var status: SessionStatus
    /// The job's record as it stands afterwards; `nil` when it stays as it is.
    public var job: JobRecord?

    /// A write with every field given.
    public init(
        session: SessionID, epoch: Int64, owner: String, seen: Int, checkpoint: Checkpoint?, flow: String,
        version: Int, status: SessionStatus, job: JobRecord?
    ) {
        self.session = session
        self.epoch = epoch
        self.owner = owner
        self.seen = seen
        self.checkpoint = checkpoint
        self.flow = flow
        self.version = version
        self.status = status
        self.job = job
    }

    /// When the session was written, as its record tells afterwards.
    public var moment: Timestamp? { checkpoint?.timestamp ?? job?.updated }
}

/// How much a store holds.
public struct StoreSize: Hashable, Sendable {
    /// Sessions that have been opened or written.
    public var sessions: Int
    /// Checkpoints of all sessions.
    public var checkpoints: Int
    /// The bytes of their states.
    public var bytes: Int

    /// A size with every field given.
    public init(sessions: Int, checkpoints: Int, bytes: Int) {
        self.sessions = sessions
        self.checkpoints = checkpoints
        self.bytes = bytes
    }
}

/// One thing that a store says about itself.
public struct StoreFact: Hashable, Sendable {
    /// What it is about, such as `synchronous`.
    public var name: String
    /// What it says, such as `FULL`.
    public var value: String
    /// What is wrong with it, in a sentence, or `nil`.
    public var complaint: String?

    /// A fact, and what is wrong with it.
    public init(_ name: String, _ value: String, complaint: String? = nil) {
        self.name = name
        self.value = value
        self.complaint = complaint
    }
}
