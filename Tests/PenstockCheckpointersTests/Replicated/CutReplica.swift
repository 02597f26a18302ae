import PenstockCheckpointers
import PenstockModel
import Synchronization

/// A store that can be cut off at will: for good, or at one call, before that takes effect or after it.
final class CutReplica: ReplicaStore {
    enum Cut: Sendable {
        /// Every call from now on fails, and nothing takes effect.
        case away
        /// Every write from now on fails, and nothing takes effect; it can be read.
        case busy
        /// The same, for good: it is full, or may only be read.
        case full
        /// What is written from now on is too large for it.
        case narrow
        /// After so many more calls, one fails before it takes effect.
        case before(Int)
        /// After so many more calls, one takes effect, and its answer is lost.
        case after(Int)
    }

    private struct State {
        var cut: Cut?
        var calls = 0
        var beforeAbsorbing: Interruption?
    }

    typealias Interruption = @Sendable () async throws(CheckpointerError) -> Void

    let store: any ReplicaStore
    private let state = Mutex(State())

    init(_ store: any ReplicaStore = MemoryCheckpointer()) {
        self.store = store
    }

    var cut: Cut? {
        get { state.withLock(\.cut) }
        set { state.withLock { $0.cut = newValue } }
    }

    /// Has something happen between what the next copy has read and its effect.
    func beforeAbsorbing(_ interruption: @escaping Interruption) {
        state.withLock { $0.beforeAbsorbing = interruption }
    }

    /// How many calls were made.
    var calls: Int { state.withLock(\.calls) }

    private static let lost = CheckpointerError.unavailable(reason: "cut off")

    private func pass<Answer>(
        isWrite: Bool = false,
        _ call: (any ReplicaStore) async throws(CheckpointerError) -> Answer
    ) async throws(CheckpointerError) -> Answer {
        let cut: Cut? = state.withLock { state in
            state.calls += 1
            switch state.cut {
            case nil: return nil
            case .away: return .away
            case .busy: return isWrite ? .busy : nil
            case .full: return isWrite ? .full : nil
            case .narrow: return isWrite ? .narrow : nil
            case .before(0), .after(0):
                defer { state.cut = nil }
                return state.cut
            case .before(let rest): state.cut = .before(rest - 1)
            case .after(let rest): state.cut = .after(rest - 1)
            }
            return nil
        }
        switch cut {
        case nil: return try await call(store)
        case .away, .busy, .before: throw Self.lost
        case .full: throw .refused(reason: "full")
        case .narrow: throw .unfit(reason: "too large")
        case .after:
            _ = try await call(store)
            throw Self.lost
        }
    }

    func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try await pass(isWrite: true) { store throws(CheckpointerError) in
            try await store.open(session, for: job, as: owner)
        }
    }

    func save(_ save: Save) async throws(CheckpointerError) {
        try await pass(isWrite: true) { store throws(CheckpointerError) in try await store.save(save) }
    }

    func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try await pass { store throws(CheckpointerError) in try await store.latest(of: session) }
    }

    func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        try await pass { store throws(CheckpointerError) in try await store.checkpoint(id, of: session) }
    }

    func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try await pass { store throws(CheckpointerError) in
            try await store.checkpoints(of: session, limit: limit, before: step)
        }
    }

    func session(_ session: SessionID) async throws(CheckpointerError) -> SessionSummary? {
        try await pass { store throws(CheckpointerError) in try await store.session(session) }
    }

    func sessions(limit: Int, after session: SessionID?) async throws(CheckpointerError) -> [SessionSummary] {
        try await pass { store throws(CheckpointerError) in
            try await store.sessions(limit: limit, after: session)
        }
    }

    func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? {
        try await pass { store throws(CheckpointerError) in try await store.job(job) }
    }

    func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        try await pass(isWrite: true) { store throws(CheckpointerError) in
            try await store.delete(id, of: session)
        }
    }

    func reset(_ session: SessionID) async throws(CheckpointerError) {
        try await pass(isWrite: true) { store throws(CheckpointerError) in try await store.reset(session) }
    }

    func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        try await pass { store throws(CheckpointerError) in
            try await store.clean(retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
        }
    }

    func clear() async throws(CheckpointerError) {
        try await pass { store throws(CheckpointerError) in try await store.clear() }
    }

    func size() async throws(CheckpointerError) -> StoreSize {
        try await pass { store throws(CheckpointerError) in try await store.size() }
    }

    func ping() async throws(CheckpointerError) -> [StoreFact] {
        try await pass { store throws(CheckpointerError) in try await store.ping() }
    }

    /// The store itself lives on: it is shared by the pairs of a test.
    func close() async {}

    func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead {
        try await pass { store throws(CheckpointerError) in try await store.head(of: session) }
    }

    func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark] {
        try await pass { store throws(CheckpointerError) in try await store.marks(of: session) }
    }

    func checkpoints(
        _ ids: [CheckpointID], of session: SessionID
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try await pass { store throws(CheckpointerError) in try await store.checkpoints(ids, of: session) }
    }

    func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord] {
        try await pass { store throws(CheckpointerError) in
            try await store.jobs(of: session, limit: limit, after: job)
        }
    }

    func absorb(_ copy: SessionCopy) async throws(CheckpointerError) -> Bool {
        let interruption = state.withLock { state in
            defer { state.beforeAbsorbing = nil }
            return state.beforeAbsorbing
        }
        try await interruption?()
        return try await pass(isWrite: true) { store throws(CheckpointerError) in try await store.absorb(copy)
        }
    }

    func noted(_ note: PairNote) async throws(CheckpointerError) -> String? {
        try await pass { store throws(CheckpointerError) in try await store.noted(note) }
    }

    func replace(
        _ note: PairNote, _ old: String?, by new: String?
    ) async throws(CheckpointerError) -> Bool {
        try await pass { store throws(CheckpointerError) in try await store.replace(note, old, by: new) }
    }
}
