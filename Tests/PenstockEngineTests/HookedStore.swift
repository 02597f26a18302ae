import PenstockCheckpointers
import PenstockModel

/// A store in memory whose saves and reads can be held up, refused, or answered as if the answer were lost.
final class HookedStore: StoreInFront {
    let store: any Checkpointer = MemoryCheckpointer()
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
        return try await store.open(session, for: job, as: owner)
    }

    func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        try beforeRead()
        return try await store.look(at: session, for: job)
    }

    func save(_ save: Save) async throws(CheckpointerError) {
        try await beforeSave(save)
        try await store.save(save)
        try await afterSave(save)
    }

    func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try beforeRead()
        return try await store.checkpoint(id, of: session)
    }
}
