package import PenstockModel

/// Keeps large states compressed in another store, and reads them whether they are or not.
///
/// What it has compressed, only Penstock reads: llmfy finds an object with one key.
package final class CompressingCheckpointer: StoreInFront {
    package let store: any Checkpointer
    private let threshold: Int?

    /// - Parameters:
    ///   - store: Where everything is kept; closed with this.
    ///   - threshold: States of at least so many bytes are compressed; none for `nil`.
    package init(in store: any Checkpointer, from threshold: Int?) {
        self.store = store
        self.threshold = threshold
    }

    package func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try unpacked(try await store.open(session, for: job, as: owner))
    }

    package func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        guard let seen = try await store.look(at: session, for: job) else { return nil }
        return try unpacked(seen)
    }

    package func save(_ save: Save) async throws(CheckpointerError) {
        guard let state = save.checkpoint?.state, let packed = PackedState.pack(state, from: threshold) else {
            return try await store.save(save)
        }
        var save = save
        save.checkpoint?.state = packed
        try await store.save(save)
    }

    package func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try unpacked(try await store.latest(of: session))
    }

    package func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try unpacked(try await store.checkpoint(id, of: session))
    }

    package func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        var checkpoints = try await store.checkpoints(of: session, limit: limit, before: step)
        for index in checkpoints.indices {
            checkpoints[index] = try unpacked(checkpoints[index])
        }
        return checkpoints
    }

    private func unpacked(_ opened: OpenedSession) throws(CheckpointerError) -> OpenedSession {
        var opened = opened
        opened.latest = try unpacked(opened.latest)
        opened.start = try unpacked(opened.start)
        return opened
    }

    private func unpacked(_ checkpoint: Checkpoint?) throws(CheckpointerError) -> Checkpoint? {
        guard let checkpoint else { return nil }
        return try unpacked(checkpoint)
    }

    private func unpacked(_ checkpoint: Checkpoint) throws(CheckpointerError) -> Checkpoint {
        guard let state = PackedState.unpack(checkpoint.state) else {
            throw .unreadable(
                what: "checkpoint \(checkpoint.id) of session \(checkpoint.session)",
                reason: "its compressed state is damaged")
        }
        var checkpoint = checkpoint
        checkpoint.state = state
        return checkpoint
    }
}
