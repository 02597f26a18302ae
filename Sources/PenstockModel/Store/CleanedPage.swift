/// What came of cleaning some sessions of a store.
public struct CleanedPage: Hashable, Sendable {
    /// How many sessions were looked at.
    public var sessions: Int
    /// What was removed, or would be, by flow.
    public var removed: [String: Removed]
    /// Where to go on; `nil` when all sessions were looked at.
    public var next: CleaningPosition?

    /// A page with every field given.
    public init(sessions: Int = 0, removed: [String: Removed] = [:], next: CleaningPosition? = nil) {
        self.sessions = sessions
        self.removed = removed
        self.next = next
    }
}

extension CleanedPage {
    /// How many checkpoints one page looks at, at most: a millisecond's work or so for a store, which others wait for.
    package static let mostRows = 500

    /// What was removed in all.
    public var total: Removed { removed.values.reduce(into: Removed()) { $0 += $1 } }

    package mutating func add(_ more: Removed, of flow: String) {
        if more != Removed() { removed[flow, default: Removed()] += more }
    }
}

/// How much was removed from a store.
public struct Removed: Hashable, Sendable {
    /// Checkpoints.
    public var checkpoints: Int
    /// The bytes of their states.
    public var bytes: Int
    /// Records of jobs, where the store does not forget them by itself.
    public var jobs: Int

    /// An amount with every field given.
    public init(checkpoints: Int = 0, bytes: Int = 0, jobs: Int = 0) {
        self.checkpoints = checkpoints
        self.bytes = bytes
        self.jobs = jobs
    }

    /// Both amounts together.
    public static func + (left: Removed, right: Removed) -> Removed {
        Removed(
            checkpoints: left.checkpoints + right.checkpoints, bytes: left.bytes + right.bytes,
            jobs: left.jobs + right.jobs)
    }

    /// Adds to an amount.
    public static func += (left: inout Removed, right: Removed) { left = left + right }
}

/// Where a pass over the sessions of a store stands: only that store can tell, and go on from there.
public struct CleaningPosition: Hashable, Sendable {
    /// Sessions that are next, where the store found more than it had looked at.
    package var sessions: ArraySlice<SessionID> = []
    /// Where it finds the ones behind these, in its own words; `nil` if there are none.
    package var cursor: String?
    /// How far the next session was looked at already: rows or steps, as the store counts.
    package var offset = 0
    /// How many of that session's checkpoints were looked at and stay.
    package var kept = 0

    /// Of a pair of stores: whether the pass is through with the active one.
    package var isOfStandby = false

    package init() {}

    /// Goes on to the session behind the next one.
    package mutating func advance() {
        sessions.removeFirst()
        offset = 0
        kept = 0
    }
}
