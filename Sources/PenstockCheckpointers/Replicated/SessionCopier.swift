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
    /// - Throws: ``CheckpointerError/unfit(reason:)`` when the standby cannot take a session, and has all others by then.
    func run() async throws(CheckpointerError) -> Int? {
        var tally = Tally()
        let isThrough = try await comparison.run { difference throws(CheckpointerError) in
            guard let brought = try await bring(difference.session) else { return false }
            tally.add(brought)
            return true
        }
        if let unfit = tally.unfit { throw unfit }
        // One that was emptied meanwhile has lost the standing too.
        guard isThrough, try await mirror.isCurrent() else { return nil }
        return tally.copied
    }

    /// Copies the sessions that nobody brings along: those that stand in the standby as they did when all were compared.
    ///
    /// - Returns: How many there were; `nil` when the pair no longer stands as it did, or the task was cancelled.
    /// - Throws: As ``run()``.
    func catchUp() async throws(CheckpointerError) -> Int? {
        var behind: [SessionComparison.Difference] = []
        _ = try await comparison.run { difference throws(CheckpointerError) in
            behind.append(difference)
            return !Task.isCancelled
        }
        var tally = Tally()
        for difference in behind
        where try await mirror.standby.head(of: difference.session).record == difference.standby {
            guard let brought = try await bring(difference.session) else { return nil }
            tally.add(brought)
        }
        if let unfit = tally.unfit { throw unfit }
        return tally.copied
    }

    private enum Brought {
        /// There was nothing to copy.
        case equal
        case copied
        /// The standby cannot take it. Others it can.
        case unfit(CheckpointerError)
    }

    /// What came of many.
    private struct Tally {
        var copied = 0
        /// What the standby says of one that it cannot take.
        var unfit: CheckpointerError?

        mutating func add(_ brought: Brought) {
            switch brought {
            case .equal: break
            case .copied: copied += 1
            case .unfit(let error): unfit = error
            }
        }
    }

    /// - Returns: `nil` when it cannot be done now.
    private func bring(_ session: SessionID) async throws(CheckpointerError) -> Brought? {
        for attempt in 0..<Self.mostTries {
            if Task.isCancelled { return nil }
            do throws(CheckpointerError) {
                if try await mirror.isEqual(session) { return attempt > 0 ? .copied : .equal }
                if try await mirror.copy(session) == .equal { return .copied }
            } catch {
                guard case .unfit(let reason) = error else { throw error }
                return .unfit(.unfit(reason: "session \(session): \(reason)"))
            }
            guard try await mirror.isCurrent() else { return nil }
            do { try await Task.sleep(for: .milliseconds(Int.random(in: 1...20))) } catch { return nil }
        }
        return nil
    }
}
