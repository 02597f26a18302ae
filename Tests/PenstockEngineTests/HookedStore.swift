import PenstockCheckpointers
import PenstockModel

/// A store in memory whose saves and reads can be held up, refused, or answered as if the answer were lost.
final class HookedStore: Checkpointer {
    private let inner = MemoryCheckpointer()
    private let beforeSave: @Sendable (Save) async throws(CheckpointerError) -> Void
    private let afterSave: @Sendable (Save) async throws(CheckpointerError) -> Void
    private let beforeRead: @Sendable () throws(CheckpointerError) -> Void

    init(
        beforeSave: @escaping @Sendable (Save) async throws(CheckpointerError) -> Void = { _ in },
        afterSave: @escaping @Sendable (Save) async throws(CheckpointerError) -> Void = { _ in },
        beforeRead: @escaping @Sendable () throws(CheckpointerError) -> Void = {}
    ) {
        self.beforeSave = beforeSave
        self.afterSave = afterSave
        self.beforeRead = beforeRead
    }

    func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try beforeRead()
        return try await inner.open(session, for: job, as: owner)
    }

    func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        try beforeRead()
        return try await inner.look(at: session, for: job)
    }

    func save(_ save: Save) async throws(CheckpointerError) {
        try await beforeSave(save)
        try await inner.save(save)
        try await afterSave(save)
    }

    func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try await inner.latest(of: session)
    }

    func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try beforeRead()
        return try await inner.checkpoint(id, of: session)
    }

    func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try await inner.checkpoints(of: session, limit: limit, before: step)
    }

    func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        try await inner.session(session)
    }

    func sessions(
        limit: Int, after session: SessionID?
    ) async throws(CheckpointerError) -> [SessionSummary] {
        try await inner.sessions(limit: limit, after: session)
    }

    func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? {
        try await inner.job(job)
    }

    func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        try await inner.delete(id, of: session)
    }

    func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        try await inner.clean(retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
    }

    func reset(_ session: SessionID) async throws(CheckpointerError) {
        try await inner.reset(session)
    }

    func clear() async throws(CheckpointerError) {
        try await inner.clear()
    }

    func size() async throws(CheckpointerError) -> StoreSize {
        try await inner.size()
    }

    func ping() async throws(CheckpointerError) -> [StoreFact] {
        try await inner.ping()
    }

    func close() async {
        await inner.close()
    }
}
