/// A session as its new owner finds it, or as it stands for one who is about to become its owner.
public struct OpenedSession: Hashable, Sendable {
    /// The record, with the epoch and the owner of this opening; with those that were found, if it was only looked at.
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

    /// What a look finds of a session that the store has never seen.
    package static func unseen(_ session: SessionID, at now: Timestamp) -> OpenedSession {
        OpenedSession(
            record: SessionRecord(id: session, epoch: 0, owner: "", head: 0, created: now, updated: now),
            latest: nil, start: nil, job: nil)
    }
}

/// One write to a session: everything in it becomes visible together, or none of it does.
public struct Save: Hashable, Sendable {
    /// The session.
    public var session: SessionID
    /// The epoch of the writer's opening; the one that was seen, when this save opens.
    public var epoch: Int64
    /// The token of the writer's opening; the one that was seen, when this save opens.
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
    /// The token, never used before, with which this save opens the session that was only looked at; `nil` when its writer has
    /// opened it already.
    ///
    /// Such a save raises the epoch by one and makes the token the owner's, in the step that compares and writes; a session that was
    /// never seen comes into being. That is as safe as opening first: whoever opens, or saves, between the reading and this
    /// save has changed what is compared, and of two who have read the same only one finds it so. The one difference is
    /// when: a predecessor is shut out by this save and not before, so that it is for sessions which nobody is known to hold.
    public var opening: String?
    /// What the queue has to do with it, where the store stands in the queue's own server.
    package var errand: SaveErrand?

    /// A write with every field given.
    public init(
        session: SessionID, epoch: Int64, owner: String, seen: Int, checkpoint: Checkpoint?, flow: String,
        version: Int, status: SessionStatus, job: JobRecord?, opening: String? = nil
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
        self.opening = opening
    }

    /// The epoch of the session afterwards.
    package var epochAfter: Int64 { opening == nil ? epoch : epoch + 1 }
    /// The owner's token afterwards.
    package var ownerAfter: String { opening ?? owner }
    /// Whether it brings a session into being that its writer has found to be none.
    package var createsSession: Bool { opening != nil && epoch == 0 && owner.isEmpty && seen == 0 }

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
