import PenstockModel
import PenstockTesting
import Synchronization

/// A store that a worker loses at one of its calls: before it takes effect, or after it, with the answer lost.
/// The call ends only when ``release`` is sent; later calls reach the store.
final class CutStore: StoreInFront {
    let store: any Checkpointer
    private let place: Int
    private let isAfter: Bool
    private let calls = Mutex(0)
    private let openings = Mutex((looked: 0, opened: 0))
    let cut = Signal()
    let release = Signal()

    /// Cuts at one of the calls that look, open or save, counted from 1; at none of them for 0.
    init(_ store: any Checkpointer, at place: Int = 0, after isAfter: Bool = false) {
        self.store = store
        self.place = place
        self.isAfter = isAfter
    }

    /// How often it was asked to look at a session.
    var looks: Int { openings.withLock(\.looked) }
    /// How often it was asked to open one.
    var opens: Int { openings.withLock(\.opened) }

    private func pass<Answer>(
        _ call: () async throws(CheckpointerError) -> Answer
    ) async throws(CheckpointerError) -> Answer {
        let number = calls.withLock { calls in
            calls += 1
            return calls
        }
        guard number == place else { return try await call() }
        if isAfter { _ = try await call() }
        cut.send()
        await release.waitStubbornly()
        throw .unavailable(reason: "cut off")
    }

    func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        openings.withLock { $0.opened += 1 }
        return try await pass { () async throws(CheckpointerError) in
            try await store.open(session, for: job, as: owner)
        }
    }

    func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        openings.withLock { $0.looked += 1 }
        return try await pass { () async throws(CheckpointerError) in
            try await store.look(at: session, for: job)
        }
    }

    func save(_ save: Save) async throws(CheckpointerError) {
        try await pass { () async throws(CheckpointerError) in try await store.save(save) }
    }

    func close() async {}
}
