/// A store that stands in front of another, and has its own way with some of the calls: those that it does not write itself go on to the
/// one behind it, closing too.
package protocol StoreInFront: Checkpointer {
    var store: any Checkpointer { get }
}

extension StoreInFront {
    package func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try await store.open(session, for: job, as: owner)
    }

    package func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        try await store.look(at: session, for: job)
    }

    package func save(_ save: Save) async throws(CheckpointerError) { try await store.save(save) }

    package func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try await store.latest(of: session)
    }

    package func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try await store.checkpoint(id, of: session)
    }

    package func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try await store.checkpoints(of: session, limit: limit, before: step)
    }

    package func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        try await store.session(session)
    }

    package func sessions(
        limit: Int, after session: SessionID?
    ) async throws(CheckpointerError) -> [SessionSummary] {
        try await store.sessions(limit: limit, after: session)
    }

    package func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? { try await store.job(job) }

    package func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        try await store.delete(id, of: session)
    }

    package func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        try await store.clean(retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
    }

    package func reset(_ session: SessionID) async throws(CheckpointerError) {
        try await store.reset(session)
    }
    package func clear() async throws(CheckpointerError) { try await store.clear() }
    package func size() async throws(CheckpointerError) -> StoreSize { try await store.size() }
    package func ping() async throws(CheckpointerError) -> [StoreFact] { try await store.ping() }
    package func executor(isAlone: Bool) -> (any TaskExecutor)? {
        store.executor(isAlone: isAlone)
    }

    package func close() async { await store.close() }
}
