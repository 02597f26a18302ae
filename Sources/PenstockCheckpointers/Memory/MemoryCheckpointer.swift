public import PenstockModel
import Synchronization

/// Keeps sessions in the memory of this process: for tests, for trying things out, and for flows that need no store.
///
/// It keeps every promise of the port but durability, and serves one process.
public final class MemoryCheckpointer: Checkpointer {
    private let clock: WallClock
    private let contents = Mutex(MemoryContents())

    /// An empty store.
    public convenience init() {
        self.init(clock: .system)
    }

    package init(clock: WallClock) {
        self.clock = clock
    }

    /// Does `body` under the lock, unless the store was closed.
    func withContents<Result: Sendable>(
        _ body: (inout MemoryContents) throws(CheckpointerError) -> Result
    ) throws(CheckpointerError) -> Result {
        try contents.withLock { contents throws(CheckpointerError) in
            if contents.isClosed { throw .unavailable(reason: "the store in memory was closed") }
            return try body(&contents)
        }
    }
}

extension MemoryCheckpointer {
    /// Takes the session over and reads where it stands.
    public func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        let now = clock.now()
        return try withContents { contents in contents.open(session, for: job, as: owner, at: now) }
    }

    /// Reads where the session stands, for a save that opens it.
    public func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        let now = clock.now()
        return try withContents { contents in contents.look(at: session, for: job, at: now) }
    }

    /// Writes a checkpoint, the job's record and the session's new standing.
    public func save(_ save: Save) async throws(CheckpointerError) {
        if let fault = save.fault { throw .unfit(reason: fault) }
        try withContents { contents throws(CheckpointerError) in try contents.save(save) }
    }

    /// The checkpoint with the greatest step.
    public func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try withContents { contents in contents.sessions[session]?.checkpoints.last }
    }

    /// The checkpoint with that id, if it belongs to that session.
    public func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try withContents { contents in contents.sessions[session]?.checkpoints.last { $0.id == id } }
    }

    /// The session's checkpoints, newest first.
    public func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try withContents { contents in
            guard limit > 0, let session = contents.sessions[session] else { return [] }
            return session.checkpoints(before: step).suffix(limit).reversed()
        }
    }

    /// What is kept of a session.
    public func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        try withContents { contents in contents.sessions[session]?.summary }
    }

    /// The sessions in order of their ids.
    public func sessions(
        limit: Int, after session: SessionID?
    ) async throws(CheckpointerError) -> [SessionSummary] {
        try withContents { contents in
            guard limit > 0 else { return [] }
            return contents.sessions.keys.filter { id in session.map { $0 < id } ?? true }.sorted().prefix(
                limit
            )
            .compactMap { contents.sessions[$0]?.summary }
        }
    }

    /// What is kept of a job.
    public func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? {
        try withContents { contents in contents.jobs[job] }
    }

    /// Forgets one checkpoint and raises the session's epoch.
    @discardableResult
    public func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        let now = clock.now()
        return try withContents { contents in contents.delete(id, of: session, at: now) }
    }

    /// Forgets all checkpoints and jobs of a session; its record stays, with the epoch raised.
    public func reset(_ session: SessionID) async throws(CheckpointerError) {
        let now = clock.now()
        try withContents { contents in contents.reset(session, at: now) }
    }

    /// Removes what is no longer kept.
    public func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        try withContents { contents in
            contents.clean(retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
        }
    }

    /// Forgets everything.
    public func clear() async throws(CheckpointerError) {
        try withContents { contents in contents = MemoryContents(notes: contents.notes) }
    }

    /// How many sessions and checkpoints there are, and their bytes.
    public func size() async throws(CheckpointerError) -> StoreSize {
        try withContents { contents in
            contents.sessions.values.reduce(into: StoreSize(sessions: 0, checkpoints: 0, bytes: 0)) {
                size, session in
                size.sessions += 1
                size.checkpoints += session.checkpoints.count
                size.bytes += session.bytes
            }
        }
    }

    /// Says that this store ends with its process.
    public func ping() async throws(CheckpointerError) -> [StoreFact] {
        try withContents { _ in
            [
                StoreFact("store", "memory"),
                StoreFact("durability", "none: it serves this process, and ends with it"),
            ]
        }
    }

    /// Forgets everything and answers no further call.
    public func close() async {
        contents.withLock { $0 = MemoryContents(isClosed: true) }
    }
}
