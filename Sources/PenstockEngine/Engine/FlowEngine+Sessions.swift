public import PenstockModel

// What a session holds, read and removed.
extension FlowEngine {
    /// The session's latest state; `nil` when it has none.
    ///
    /// - Throws: ``FlowEngineError/store(_:)`` when it cannot be read, ``FlowEngineError/noCheckpointer``.
    public func state(of session: SessionID) async throws(FlowEngineError) -> State? {
        let checkpointer = try store
        do {
            guard let latest = try await checkpointer.latest(of: session) else { return nil }
            return try plan.shape.decode(latest.state).value
        } catch {
            throw .store("the state of session \(session) cannot be read: \(sentence(of: error))")
        }
    }

    /// A checkpoint of the session; `nil` when it has none with that id.
    ///
    /// - Throws: ``FlowEngineError/store(_:)``, ``FlowEngineError/noCheckpointer``.
    public func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(FlowEngineError) -> Checkpoint? {
        try await ask { store throws(CheckpointerError) in try await store.checkpoint(id, of: session) }
    }

    /// The session's checkpoints, newest first, at most that many.
    ///
    /// - Throws: ``FlowEngineError/store(_:)``, ``FlowEngineError/noCheckpointer``.
    public func checkpoints(
        of session: SessionID, limit: Int = 10
    ) async throws(FlowEngineError) -> [Checkpoint] {
        try await ask { store throws(CheckpointerError) in
            try await store.checkpoints(of: session, limit: limit, before: nil)
        }
    }

    /// Forgets one checkpoint. A run that is under way in the session elsewhere is fenced.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``FlowEngineError/store(_:)``, ``FlowEngineError/noCheckpointer``, `CancellationError`.
    @discardableResult
    public func delete(_ id: CheckpointID, of session: SessionID) async throws -> Bool {
        try await line.whenFree(session) {
            try await ask { store throws(CheckpointerError) in try await store.delete(id, of: session) }
        }
    }

    /// Forgets all checkpoints of the session: its next run begins anew. A run that is under way in it
    /// elsewhere is fenced.
    ///
    /// - Throws: ``FlowEngineError/store(_:)``, ``FlowEngineError/noCheckpointer``, `CancellationError`.
    public func reset(session: SessionID) async throws {
        try await line.whenFree(session) {
            try await ask { store throws(CheckpointerError) in try await store.reset(session) }
        }
    }

    private var store: any Checkpointer {
        get throws(FlowEngineError) {
            guard let checkpointer else { throw .noCheckpointer }
            return checkpointer
        }
    }

    private func ask<Answer>(
        _ question: (any Checkpointer) async throws(CheckpointerError) -> Answer
    ) async throws(FlowEngineError) -> Answer {
        let checkpointer = try store
        do throws(CheckpointerError) {
            return try await question(checkpointer)
        } catch {
            throw .store(error.description)
        }
    }
}
