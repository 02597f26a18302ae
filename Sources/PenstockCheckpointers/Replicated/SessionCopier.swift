import PenstockModel

/// Brings a standby up to date, session by session. Two at once do no harm.
struct SessionCopier: Sendable {
    private let mirror: SessionMirror

    init(_ mirror: SessionMirror) {
        self.mirror = mirror
    }

    /// How often a session is tried that writers keep taking away.
    private static let mostTries = 50

    private var comparison: SessionComparison {
        SessionComparison(active: mirror.active, standby: mirror.standby)
    }

    /// Goes through the sessions of both stores.
    ///
    /// - Returns: How many sessions were copied; `nil` when the pair no longer stands as it did, or the task was cancelled.
    func run() async throws(CheckpointerError) -> Int? {
        var copied = 0
        let isThrough = try await comparison.run { difference throws(CheckpointerError) in
            guard let isCopied = try await bring(difference.session) else { return false }
            if isCopied { copied += 1 }
            return true
        }
        // One that was emptied meanwhile has lost the standing too.
        guard isThrough, try await mirror.isCurrent() else { return nil }
        return copied
    }

    /// Copies the sessions that nobody brings along: those that stand in the standby as they did when all were compared.
    ///
    /// - Returns: How many there were; `nil` when the pair no longer stands as it did, or the task was cancelled.
    func catchUp() async throws(CheckpointerError) -> Int? {
        var behind: [SessionComparison.Difference] = []
        _ = try await comparison.run { difference throws(CheckpointerError) in
            behind.append(difference)
            return !Task.isCancelled
        }
        var copied = 0
        for difference in behind
        where try await mirror.standby.head(of: difference.session).record == difference.standby {
            guard let isCopied = try await bring(difference.session) else { return nil }
            if isCopied { copied += 1 }
        }
        return copied
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
