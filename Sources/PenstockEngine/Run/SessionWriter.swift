package import PenstockModel
import Synchronization

/// The one who may write to a session, from its opening until it is closed or fenced.
///
/// It saves one thing at a time, and asks for a save again, the same to the checkpoint's id, as long as the
/// store gives no answer.
package final class SessionWriter: Sendable {
    /// What the writer knows of the session and of its job.
    private struct Standing {
        var epoch: Int64
        var owner: String
        /// The token that the first save opens the session with; `nil` once it is open.
        var opening: String?
        var head: Int
        var checkpoint: CheckpointID?
        var timestamp: Timestamp?
        var job: JobRecord?
        var isSaving = false
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let store: any Checkpointer
    private let record: SessionRecord
    private let order: RunOrder
    private let flow: FlowName
    private let version: Int
    private let insistence: Insistence
    private let clock: WallClock
    private let standing: Mutex<Standing>

    /// A writer for a session that was opened for a job; or that was only looked at, to be opened by the first save with the token
    /// `opening`, which was never used before.
    ///
    /// A save is asked for again for as long as `patience` says while the store gives no answer, `nil` being
    /// until it is cancelled or closed; `backoff` says how long to wait in between, and its number of
    /// attempts is of no account.
    package init(
        to store: any Checkpointer, opened: OpenedSession, opening: String? = nil, order: RunOrder,
        flow: FlowName, version: Int, patience: Duration?,
        backoff: RetryPolicy = .untilAnswered, clock: WallClock = .system, log: Log = .silent
    ) {
        self.store = store
        self.record = opened.record
        self.order = order
        self.flow = flow
        self.version = version
        insistence = Insistence(patience: patience, backoff: backoff, log: log)
        self.clock = clock
        standing = Mutex(
            Standing(
                epoch: opened.record.epoch, owner: opened.record.owner, opening: opening,
                head: opened.record.head, checkpoint: opened.latest?.id,
                timestamp: [opened.latest?.timestamp, opened.start?.timestamp].compactMap(\.self).max(),
                job: opened.job))
    }

    /// The last checkpoint that is known to stand in the store.
    package var checkpoint: CheckpointID? { standing.withLock { $0.checkpoint } }

    /// The last step that is known to stand in the store.
    package var head: Int { standing.withLock { $0.head } }

    /// After this long the job's record is written anew although nothing in it has changed: a store may let it expire some
    /// time after its last writing.
    private static let recordLife: Duration = .seconds(3600)

    /// Saves a node's checkpoint; with the job's first, that its input is merged, and with the last, its result.
    func save(
        _ commit: NodeCommit, resultKeys: [String]?, with errand: SaveErrand? = nil
    ) async throws(SaveFailure) {
        try await begin()
        defer { end() }
        let isLast = commit.next == .end
        var save = standing.withLock { standing in
            let now = Self.later(than: standing.timestamp, clock.now())
            let job = JobRecord(
                id: order.job, session: record.id, flow: flow.text, status: isLast ? .done : .running,
                merged: true, result: isLast ? JobResult(checkpoint: commit.id, keys: resultKeys) : nil,
                attempts: order.failures, worker: order.worker, created: standing.job?.created ?? now,
                updated: now)
            let checkpoint = Checkpoint(
                id: commit.id, session: record.id, timestamp: now, node: commit.node.text, step: commit.step,
                state: commit.state, next: [commit.next.text],
                epoch: standing.epoch + (standing.opening == nil ? 0 : 1), job: order.job,
                run: commit.run, runStep: commit.runStep, metadata: commit.metadata)
            return Save(
                session: record.id, epoch: standing.epoch, owner: standing.owner, seen: standing.head,
                checkpoint: checkpoint, flow: flow.text, version: version,
                status: isLast ? .done : .running,
                job: Self.isKnown(job, by: standing.job) ? nil : job, opening: standing.opening)
        }
        save.errand = errand
        try await put(save)
    }

    /// Writes that the job has ended without a result, as ``JobStatus/dead`` or ``JobStatus/cancelled``, and
    /// nothing else.
    ///
    /// A job that is done, or another session's, stays as it is.
    package func recordEnd(_ status: JobStatus, error: String?) async throws(SaveFailure) {
        try await begin()
        defer { end() }
        let save: Save? = standing.withLock { standing in
            if let job = standing.job, job.session != record.id || job.status == .done { return nil }
            let now = clock.now()
            let job = JobRecord(
                id: order.job, session: record.id, flow: flow.text, status: status,
                merged: standing.job?.merged ?? false,
                // PostgreSQL's texts cannot hold a NUL, and what a program says may.
                error: error?.replacing("\0", with: "\u{FFFD}"), attempts: order.failures,
                worker: order.worker, created: standing.job?.created ?? now, updated: now)
            return Save(
                session: record.id, epoch: standing.epoch, owner: standing.owner, seen: standing.head,
                checkpoint: nil, flow: record.flow ?? flow.text, version: record.version ?? version,
                status: status == .dead ? .failed : record.status ?? .running, job: job,
                opening: standing.opening)
        }
        if let save { try await put(save) }
    }

    /// The result of a job that is done, as JSON; `nil` when the checkpoint that holds it is no longer kept.
    func result(of job: JobRecord) async throws(SaveFailure) -> [UInt8]? {
        try await insistence.ask { () throws(CheckpointerError) in try await job.readResult(from: store) }
    }

    /// Lets no save start any more, and waits for the one under way. Calling it again does no harm.
    package func close() async {
        standing.withLock { $0.isClosed = true }
        while await waitWhileSaving() {}
    }
}

extension SessionWriter {
    /// Asks for a save until the store has answered.
    private func put(_ save: Save) async throws(SaveFailure) {
        try await insistence.ask(
            while: { !standing.withLock(\.isClosed) },
            { () throws(CheckpointerError) in try await store.save(save) })
        note(save)
    }

    private func note(_ save: Save) {
        standing.withLock { standing in
            standing.epoch = save.epochAfter
            standing.owner = save.ownerAfter
            standing.opening = nil
            if let job = save.job { standing.job = job }
            guard let checkpoint = save.checkpoint else { return }
            standing.head = checkpoint.step
            standing.checkpoint = checkpoint.id
            standing.timestamp = checkpoint.timestamp
        }
    }

    /// Takes the right to save, which one call has at a time.
    private func begin() async throws(SaveFailure) {
        while true {
            let mayBegin: Bool? = standing.withLock { standing in
                if standing.isClosed { return nil }
                if standing.isSaving { return false }
                standing.isSaving = true
                return true
            }
            guard let mayBegin else { throw .cancelled }
            if mayBegin { return }
            _ = await waitWhileSaving()
        }
    }

    private func end() {
        let waiting = standing.withLock { standing in
            standing.isSaving = false
            defer { standing.waiting = [] }
            return standing.waiting
        }
        for waiter in waiting { waiter.resume() }
    }

    /// - Returns: Whether there was a save to wait for.
    private func waitWhileSaving() async -> Bool {
        guard standing.withLock(\.isSaving) else { return false }
        await withCheckedContinuation { continuation in
            let isOver = standing.withLock { standing in
                guard standing.isSaving else { return true }
                standing.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        return true
    }

    /// Whether the stored record says all that the new one would.
    private static func isKnown(_ job: JobRecord, by stored: JobRecord?) -> Bool {
        guard var stored, job.updated < stored.updated.advanced(by: recordLife) else { return false }
        stored.updated = job.updated
        return stored == job
    }

    /// Now, or a millisecond after the last checkpoint where the clock has not moved on: another system
    /// orders by it.
    private static func later(than last: Timestamp?, _ now: Timestamp) -> Timestamp {
        guard let last else { return now }
        return max(now, last.advanced(by: .milliseconds(1)))
    }
}
