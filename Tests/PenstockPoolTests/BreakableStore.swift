import PenstockCheckpointers
import PenstockModel
import Synchronization

/// A store in memory that refuses to open, to save and to be cleaned as long as it has a trouble.
final class BreakableStore: Checkpointer {
    private let store = MemoryCheckpointer()
    private let standing = Mutex<CheckpointerError?>(nil)
    private let attempts = Mutex(0)
    private let hook = Mutex<@Sendable () async throws -> Void>({})

    /// Done behind each page of a cleaning.
    var afterClean: @Sendable () async throws -> Void {
        get { hook.withLock(\.self) }
        set { hook.withLock { $0 = newValue } }
    }

    var trouble: CheckpointerError? {
        get { standing.withLock(\.self) }
        set { standing.withLock { $0 = newValue } }
    }

    /// How often it was asked while it had a trouble.
    var refusals: Int { attempts.withLock(\.self) }

    private func meetTrouble() throws(CheckpointerError) {
        guard let trouble else { return }
        attempts.withLock { $0 += 1 }
        throw trouble
    }

    func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try meetTrouble()
        return try await store.open(session, for: job, as: owner)
    }

    func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        try meetTrouble()
        return try await store.look(at: session, for: job)
    }

    func save(_ save: Save) async throws(CheckpointerError) {
        try meetTrouble()
        try await store.save(save)
    }

    func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try await store.latest(of: session)
    }

    func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try await store.checkpoint(id, of: session)
    }

    func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try await store.checkpoints(of: session, limit: limit, before: step)
    }

    func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        try await store.session(session)
    }

    func sessions(limit: Int, after session: SessionID?) async throws(CheckpointerError) -> [SessionSummary] {
        try await store.sessions(limit: limit, after: session)
    }

    func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? { try await store.job(job) }

    func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        try await store.delete(id, of: session)
    }

    func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        try meetTrouble()
        let page = try await store.clean(
            retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
        do {
            try await afterClean()
        } catch {
            throw .unavailable(reason: "\(error)")
        }
        return page
    }

    func reset(_ session: SessionID) async throws(CheckpointerError) { try await store.reset(session) }
    func clear() async throws(CheckpointerError) { try await store.clear() }
    func size() async throws(CheckpointerError) -> StoreSize { try await store.size() }
    func ping() async throws(CheckpointerError) -> [StoreFact] { try await store.ping() }
    func close() async { await store.close() }
}
