import PenstockModel
import Testing

/// One opening of a session, and the saves that go with it: what an engine does, without an engine.
struct Writer: Sendable {
    let store: any Checkpointer
    var opened: OpenedSession
    let job: JobID
    /// The token with which the first save opens the session, if it was only looked at.
    var opening: String?
    /// The head as this writer last saw it.
    var seen: Int

    static func open(
        _ session: SessionID, in store: any Checkpointer, job: JobID = "job-1", owner: String? = nil
    ) async throws -> Writer {
        let opened = try await store.open(session, for: job, as: owner ?? UUIDv7Source.shared.next())
        return Writer(store: store, opened: opened, job: job, seen: opened.record.head)
    }

    /// A writer whose first save opens the session.
    static func look(
        at session: SessionID, in store: any Checkpointer, job: JobID = "job-1", owner: String? = nil
    ) async throws -> Writer {
        let seen = try #require(try await store.look(at: session, for: job))
        return Writer(
            store: store, opened: seen, job: job, opening: owner ?? UUIDv7Source.shared.next(),
            seen: seen.record.head)
    }

    var session: SessionID { opened.record.id }
    var epoch: Int64 { opened.record.epoch }

    /// The write that fits next, not yet made.
    func draft(
        _ node: String = "work", id: CheckpointID? = nil, state: String = "{}", metadata: String? = nil,
        timestamp: Timestamp? = nil
    ) -> Save {
        let step = seen + 1
        let checkpoint = Checkpoint(
            id: id ?? CheckpointID(UUIDv7Source.shared.next()), session: session,
            timestamp: timestamp ?? .sample(step), node: node, step: step, state: Array(state.utf8),
            next: ["next"],
            epoch: epoch + (opening == nil ? 0 : 1), job: job, run: "run-1", runStep: step,
            metadata: metadata.map { Array($0.utf8) })
        return draft(adding: checkpoint)
    }

    /// A write of the job's record and the session's standing alone.
    func draftWithoutCheckpoint() -> Save {
        draft(adding: nil)
    }

    private func draft(adding checkpoint: Checkpoint?) -> Save {
        Save(
            session: session, epoch: epoch, owner: opened.record.owner, seen: seen, checkpoint: checkpoint,
            flow: "sample", version: 1, status: .running,
            job: JobRecord(
                id: job, session: session, flow: "sample", status: .running, merged: true, worker: "worker-1",
                created: .sample(0), updated: .sample(seen + 1)), opening: opening)
    }

    /// Makes the write that fits next.
    @discardableResult
    mutating func save(
        _ node: String = "work", id: CheckpointID? = nil, state: String = "{}", metadata: String? = nil,
        timestamp: Timestamp? = nil, change: (inout Save) -> Void = { _ in }
    ) async throws -> Checkpoint {
        var draft = draft(node, id: id, state: state, metadata: metadata, timestamp: timestamp)
        change(&draft)
        try await store.save(draft)
        opened.record.epoch = draft.epochAfter
        opened.record.owner = draft.ownerAfter
        opening = nil
        seen += 1
        guard let checkpoint = draft.checkpoint else { preconditionFailure("a draft has a checkpoint") }
        return checkpoint
    }

    var fenced: CheckpointerError { .fenced(session: session, epoch: epoch) }
}

extension Timestamp {
    /// A moment on a fixed day, a millisecond later for each step.
    static func sample(_ step: Int) -> Timestamp {
        Timestamp(microseconds: 1_767_323_045_678_000 + Int64(step) * 1000)
    }
}

extension Checkpointer {
    /// The whole history, newest first.
    func history(of session: SessionID) async throws -> [Checkpoint] {
        try await checkpoints(of: session, limit: .max, before: nil)
    }

    func steps(of session: SessionID) async throws -> [Int] {
        try await history(of: session).map(\.step)
    }
}

/// Whether the error says that the store gave no answer.
func isUnavailable(_ error: any Error) -> Bool {
    if case CheckpointerError.unavailable = error { true } else { false }
}

/// Whether the error says that the store takes nothing of the kind.
func isRefused(_ error: any Error) -> Bool {
    if case CheckpointerError.refused = error { true } else { false }
}

/// Whether the error says that the store will not take this one.
func isUnfit(_ error: any Error) -> Bool {
    if case CheckpointerError.unfit = error { true } else { false }
}
