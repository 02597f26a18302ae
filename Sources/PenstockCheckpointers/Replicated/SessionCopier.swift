import PenstockModel

/// Brings a standby up to date, session by session. Two at once do no harm.
struct SessionCopier: Sendable {
    private let mirror: SessionMirror

    init(_ mirror: SessionMirror) {
        self.mirror = mirror
    }

    private static let sessionsAtOnce = 500
    /// How often a session is tried that writers keep taking away.
    private static let mostTries = 50

    /// Goes through the sessions of both stores.
    ///
    /// - Returns: How many sessions were copied; `nil` when the pair no longer stands as it did, or the task was cancelled.
    func run() async throws(CheckpointerError) -> Int? {
        var copied = 0
        for store in [mirror.active, mirror.standby] {
            var last: SessionID?
            while true {
                let page = try await store.sessions(limit: Self.sessionsAtOnce, after: last)
                for session in page.map(\.record.id) {
                    switch try await bring(session) {
                    case nil: return nil
                    case true?: copied += 1
                    case false?: break
                    }
                }
                guard let next = page.last?.record.id else { break }
                last = next
            }
        }
        // One that was emptied meanwhile has lost the standing too.
        return try await mirror.isCurrent() ? copied : nil
    }

    /// - Returns: Whether there was anything to copy; `nil` when it cannot be done now.
    private func bring(_ session: SessionID) async throws(CheckpointerError) -> Bool? {
        for attempt in 0..<Self.mostTries {
            if Task.isCancelled { return nil }
            if try await mirror.isEqual(session) { return attempt > 0 }
            if try await mirror.copy(session) == .equal { return true }
            guard try await mirror.isCurrent() else { return nil }
            do { try await Task.sleep(for: .milliseconds(Int.random(in: 1...20))) } catch { return nil }
        }
        return nil
    }
}
