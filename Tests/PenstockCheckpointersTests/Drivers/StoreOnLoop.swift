import PenstockExecutors
import PenstockModel

/// A store that is opened, looked at and written to by tasks on the loop that waits for its answers, as a worker's jobs do.
struct StoreOnLoop: StoreInFront {
    let store: any Checkpointer
    let loop: SocketLoop

    func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try await onLoop { store async throws(CheckpointerError) in
            try await store.open(session, for: job, as: owner)
        }
    }

    func look(at session: SessionID, for job: JobID) async throws(CheckpointerError) -> OpenedSession? {
        try await onLoop { store async throws(CheckpointerError) in
            try await store.look(at: session, for: job)
        }
    }

    func save(_ save: Save) async throws(CheckpointerError) {
        try await onLoop { store async throws(CheckpointerError) in try await store.save(save) }
    }

    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (any Checkpointer) async throws(CheckpointerError) -> Value
    ) async throws(CheckpointerError) -> Value {
        let result = await Task(executorPreference: loop) { () -> Result<Value, CheckpointerError> in
            do throws(CheckpointerError) {
                return .success(try await body(store))
            } catch {
                return .failure(error)
            }
        }.value
        return try result.get()
    }
}
