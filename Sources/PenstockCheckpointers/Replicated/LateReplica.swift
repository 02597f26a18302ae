package import PenstockModel

/// A store that is opened with the first call to it, and again with the next when that failed: so that a pair can be made while one
/// of its stores is away.
package final class LateReplica: ReplicaStore {
    private let opening: LateOpening

    /// - Parameter open: Connects to the store and makes sure of its tables.
    package init(_ open: @escaping @Sendable () async throws(CheckpointerError) -> any ReplicaStore) {
        opening = LateOpening(open)
    }

    private func pass<Answer>(
        _ call: (any ReplicaStore) async throws(CheckpointerError) -> Answer
    ) async throws(CheckpointerError) -> Answer {
        try await call(try await opening.store())
    }

    package func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try await pass { store throws(CheckpointerError) in
            try await store.open(session, for: job, as: owner)
        }
    }

    package func save(_ save: Save) async throws(CheckpointerError) {
        try await pass { store throws(CheckpointerError) in try await store.save(save) }
    }

    package func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try await pass { store throws(CheckpointerError) in try await store.latest(of: session) }
    }

    package func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try await pass { store throws(CheckpointerError) in try await store.checkpoint(id, of: session) }
    }

    package func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try await pass { store throws(CheckpointerError) in
            try await store.checkpoints(of: session, limit: limit, before: step)
        }
    }

    package func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        try await pass { store throws(CheckpointerError) in try await store.session(session) }
    }

    package func sessions(limit: Int, after session: SessionID?) async throws(CheckpointerError)
        -> [SessionSummary]
    {
        try await pass { store throws(CheckpointerError) in
            try await store.sessions(limit: limit, after: session)
        }
    }

    package func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? {
        try await pass { store throws(CheckpointerError) in try await store.job(job) }
    }

    package func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        try await pass { store throws(CheckpointerError) in try await store.delete(id, of: session) }
    }

    package func reset(_ session: SessionID) async throws(CheckpointerError) {
        try await pass { store throws(CheckpointerError) in try await store.reset(session) }
    }

    package func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        try await pass { store throws(CheckpointerError) in
            try await store.clean(
                retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
        }
    }

    package func clear() async throws(CheckpointerError) {
        try await pass { store throws(CheckpointerError) in try await store.clear() }
    }

    package func size() async throws(CheckpointerError) -> StoreSize {
        try await pass { store throws(CheckpointerError) in try await store.size() }
    }

    package func ping() async throws(CheckpointerError) -> [StoreFact] {
        try await pass { store throws(CheckpointerError) in try await store.ping() }
    }

    package func close() async {
        await opening.close()
    }

    package func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead {
        try await pass { store throws(CheckpointerError) in try await store.head(of: session) }
    }

    package func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark] {
        try await pass { store throws(CheckpointerError) in try await store.marks(of: session) }
    }

    package func checkpoints(
        _ ids: [CheckpointID], of session: SessionID
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try await pass { store throws(CheckpointerError) in try await store.checkpoints(ids, of: session) }
    }

    package func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord] {
        try await pass { store throws(CheckpointerError) in
            try await store.jobs(of: session, limit: limit, after: job)
        }
    }

    package func absorb(_ copy: SessionCopy) async throws(CheckpointerError) -> Bool {
        try await pass { store throws(CheckpointerError) in try await store.absorb(copy) }
    }

    package func noted(_ note: PairNote) async throws(CheckpointerError) -> String? {
        try await pass { store throws(CheckpointerError) in try await store.noted(note) }
    }

    package func replace(
        _ note: PairNote, _ old: String?, by new: String?
    ) async throws(CheckpointerError) -> Bool {
        try await pass { store throws(CheckpointerError) in try await store.replace(note, old, by: new) }
    }
}

/// Opens a store once; those who wait for it share one try.
private actor LateOpening {
    private let open: @Sendable () async throws(CheckpointerError) -> any ReplicaStore
    private var opened: (any ReplicaStore)?
    private var attempt: Task<Result<any ReplicaStore, CheckpointerError>, Never>?
    private var isClosed = false

    init(_ open: @escaping @Sendable () async throws(CheckpointerError) -> any ReplicaStore) {
        self.open = open
    }

    func store() async throws(CheckpointerError) -> any ReplicaStore {
        if let opened { return opened }
        if isClosed { throw .unavailable(reason: "the store was closed") }
        return try await tried().get()
    }

    private func tried() async -> Result<any ReplicaStore, CheckpointerError> {
        if let attempt { return await attempt.value }
        let task = Task { [open] in
            do throws(CheckpointerError) {
                return Result<any ReplicaStore, CheckpointerError>.success(try await open())
            } catch {
                return .failure(error)
            }
        }
        attempt = task
        let result = await task.value
        attempt = nil
        if case .success(let store) = result { opened = store }
        return result
    }

    func close() async {
        isClosed = true
        if let attempt { _ = await attempt.value }
        await opened?.close()
    }
}
