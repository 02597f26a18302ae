package import PenstockModel

/// A store out of which sessions are copied. Nothing is written to it.
package protocol CopySource: Sendable {
    /// Hands on the ids of its sessions, page by page in order, an id that Penstock itself would not take among them.
    func eachPageOfSessions(
        _ use: ([SessionID]) async throws(CheckpointerError) -> Void
    ) async throws(CheckpointerError)

    /// Where a session stands.
    func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead

    /// A session's record, made up from its checkpoints where only llmfy has written; `nil` for a session that is not there.
    func record(of session: SessionID) async throws(CheckpointerError) -> SessionRecord?

    /// The ids and steps of a session's checkpoints, oldest first, without their states.
    func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark]

    /// The first of the checkpoints that are named, in that order: at least one, and no more than `bytes` of states where one
    /// alone is not larger.
    ///
    /// - Returns: The checkpoints, and how many of the ids they were looked for by: one that is no longer there is passed over.
    func checkpoints(
        firstOf ids: ArraySlice<CheckpointID>, of session: SessionID, upTo bytes: Int
    ) async throws(CheckpointerError) -> (found: [Checkpoint], looked: Int)

    /// The records of a session's jobs in order of their ids.
    func jobs(of session: SessionID, limit: Int, after job: JobID?) async throws(CheckpointerError)
        -> [JobRecord]

    func close() async
}

extension CopySource where Self: Checkpointer {
    package func eachPageOfSessions(
        _ use: ([SessionID]) async throws(CheckpointerError) -> Void
    ) async throws(CheckpointerError) {
        var last: SessionID?
        while true {
            let page = try await sessions(limit: sessionsAtOnce, after: last).map(\.record.id)
            guard let id = page.last else { return }
            try await use(page)
            last = id
        }
    }

    package func record(of session: SessionID) async throws(CheckpointerError) -> SessionRecord? {
        try await self.session(session)?.record
    }
}

private let sessionsAtOnce = 200

/// A store that another is copied into.
package protocol CopyTarget: CopySource {
    /// What is kept of a job.
    func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord?

    /// Takes over what stands in the source, as ``ReplicaStore`` says.
    func absorb(_ copy: SessionCopy) async throws(CheckpointerError) -> Bool
}

extension MemoryCheckpointer: CopyTarget {
    package func checkpoints(
        firstOf ids: ArraySlice<CheckpointID>, of session: SessionID, upTo bytes: Int
    ) async throws(CheckpointerError) -> (found: [Checkpoint], looked: Int) {
        var portion = CopyPortion(limit: bytes)
        for id in ids {
            let found = try await checkpoint(id, of: session)
            guard portion.takes(found?.state.count ?? 0) else { break }
            portion.add(found)
        }
        return (portion.found, portion.looked)
    }
}

/// Checkpoints gathered up to a number of bytes, and at least one.
struct CopyPortion {
    let limit: Int
    private(set) var found: [Checkpoint] = []
    private(set) var looked = 0
    private var bytes = 0

    init(limit: Int) {
        self.limit = limit
    }

    func takes(_ size: Int) -> Bool { found.isEmpty || bytes + size <= limit }

    mutating func add(_ checkpoint: Checkpoint?) {
        looked += 1
        guard let checkpoint else { return }
        bytes += checkpoint.state.count
        found.append(checkpoint)
    }
}
