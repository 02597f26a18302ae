import PenstockCheckpointers
import PenstockModel
import Synchronization

/// A store in memory that refuses to open, to save and to be cleaned as long as it has a trouble.
final class BreakableStore: StoreInFront {
    let store: any Checkpointer = MemoryCheckpointer()
    private let standing = Mutex<CheckpointerError?>(nil)
    private let attempts = Mutex(0)
    private let hook = Mutex<@Sendable () async throws -> Void>({})

    /// Done behind each page of a cleaning.
    var afterClean: @Sendable () async throws -> Void {
        get { hook.withLock(\.self) }
        set { hook.withLock { $0 = newValue } }
    }

    var trouble: CheckpointerError? {
        get { standing.withLock(\.self) }
        set { standing.withLock { $0 = newValue } }
    }

    /// How often it was asked while it had a trouble.
    var refusals: Int { attempts.withLock(\.self) }

    private func meetTrouble() throws(CheckpointerError) {
        guard let trouble else { return }
        attempts.withLock { $0 += 1 }
        throw trouble
    }

    func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try meetTrouble()
        return try await store.open(session, for: job, as: owner)
    }

    func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        try meetTrouble()
        return try await store.look(at: session, for: job)
    }

    func save(_ save: Save) async throws(CheckpointerError) {
        try meetTrouble()
        try await store.save(save)
    }

    func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        try meetTrouble()
        let page = try await store.clean(
            retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
        do {
            try await afterClean()
        } catch {
            throw .unavailable(reason: "\(error)")
        }
        return page
    }
}
