import PenstockModel
import Synchronization

@testable import PenstockCheckpointers

/// A store that does what a test wants done while it is copied from, or into.
final class WatchedStore: CopyTarget {
    typealias Absorb = @Sendable (_ number: Int, SessionCopy) async throws(CheckpointerError) -> SessionCopy

    private let store: any CopyTarget
    private let beforeAbsorbing: Absorb
    private let afterAbsorbing: Absorb
    private let afterReading: @Sendable ([Checkpoint]) async throws(CheckpointerError) -> Void
    private let count = Mutex(0)

    init(
        _ store: any CopyTarget, beforeAbsorbing: @escaping Absorb = { $1 },
        afterAbsorbing: @escaping Absorb = { $1 },
        afterReading: @escaping @Sendable ([Checkpoint]) async throws(CheckpointerError) -> Void = { _ in }
    ) {
        self.store = store
        self.beforeAbsorbing = beforeAbsorbing
        self.afterAbsorbing = afterAbsorbing
        self.afterReading = afterReading
    }

    /// How often something was absorbed.
    var absorbed: Int { count.withLock { $0 } }

    func eachPageOfSessions(
        _ use: ([SessionID]) async throws(CheckpointerError) -> Void
    ) async throws(CheckpointerError) {
        try await store.eachPageOfSessions(use)
    }

    func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead {
        try await store.head(of: session)
    }

    func record(of session: SessionID) async throws(CheckpointerError) -> SessionRecord? {
        try await store.record(of: session)
    }

    func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark] {
        try await store.marks(of: session)
    }

    func checkpoints(
        firstOf ids: ArraySlice<CheckpointID>, of session: SessionID, upTo bytes: Int
    ) async throws(CheckpointerError) -> (found: [Checkpoint], looked: Int) {
        let page = try await store.checkpoints(firstOf: ids, of: session, upTo: bytes)
        try await afterReading(page.found)
        return page
    }

    func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord] {
        try await store.jobs(of: session, limit: limit, after: job)
    }

    func job(_ job: JobID) async throws(CheckpointerError) -> JobRecord? { try await store.job(job) }

    func absorb(_ copy: SessionCopy) async throws(CheckpointerError) -> Bool {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let isTaken = try await store.absorb(try await beforeAbsorbing(number, copy))
        _ = try await afterAbsorbing(number, copy)
        return isTaken
    }

    func close() async { await store.close() }
}
