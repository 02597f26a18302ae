package import PenstockModel

/// Goes through the sessions of two stores side by side, at a cost that does not grow with their histories.
struct SessionComparison: Sendable {
    let active: any ReplicaStore
    let standby: any ReplicaStore

    /// A session that does not stand the same in both, or that llmfy may have written to.
    struct Difference: Sendable {
        let session: SessionID
        let active: SessionRecord?
        let standby: SessionRecord?
    }

    private static let sessionsAtOnce = 500

    /// - Parameter visit: Told of every difference; answers whether to go on.
    /// - Returns: Whether it went through all of them.
    /// - Throws: What a store or `visit` throws.
    func run(
        _ visit: (Difference) async throws(CheckpointerError) -> Bool
    ) async throws(CheckpointerError) -> Bool {
        for isOfActive in [true, false] {
            var last: SessionID?
            while true {
                // The standby first: what it is given in between is no difference.
                let theirs = try await standby.sessions(limit: Self.sessionsAtOnce, after: last).map(\.record)
                let ours = try await active.sessions(limit: Self.sessionsAtOnce, after: last).map(\.record)
                let page = isOfActive ? ours : theirs
                let others = Dictionary((isOfActive ? theirs : ours).map { ($0.id, $0) }) { first, _ in first
                }
                for record in page {
                    let other = others[record.id]
                    if record == other, record.epoch > 0 { continue }
                    // The first time round has told of those that both have.
                    if !isOfActive, other != nil { continue }
                    let difference = try await difference(record, other, isOfActive: isOfActive)
                    guard try await visit(difference) else { return false }
                }
                guard let next = page.last?.id else { break }
                last = next
            }
        }
        return true
    }

    private func difference(
        _ record: SessionRecord, _ other: SessionRecord?, isOfActive: Bool
    ) async throws(CheckpointerError) -> Difference {
        if isOfActive {
            let theirs = if let other { other } else { try await standby.head(of: record.id).record }
            return Difference(session: record.id, active: record, standby: theirs)
        }
        return Difference(
            session: record.id, active: try await active.head(of: record.id).record, standby: record)
    }
}

/// How far a standby that follows is behind all workers.
package struct PairLag: Hashable, Sendable {
    /// How many sessions it has not all of.
    package var sessions = 0
    /// How many of their checkpoints it lacks, by their heads.
    package var checkpoints = 0
    /// When the first of these sessions was written last.
    package var since: Timestamp?
}

extension SessionComparison {
    /// Counts what the standby lacks: of this process, of others, and of those that died.
    func lag() async throws(CheckpointerError) -> PairLag {
        var lag = PairLag()
        _ = try await run { difference throws(CheckpointerError) in
            guard let ours = difference.active, ours.epoch > 0, ours != difference.standby else {
                return true
            }
            lag.sessions += 1
            lag.checkpoints += max(0, ours.head - (difference.standby?.head ?? 0))
            lag.since = min(lag.since ?? ours.updated, ours.updated)
            return true
        }
        return lag
    }
}

extension SessionComparison {
    /// A session of which the standby has more than the active store, if there is one.
    func firstAheadInStandby() async throws(CheckpointerError) -> SessionID? {
        var found: SessionID?
        _ = try await run { difference throws(CheckpointerError) in
            if let theirs = difference.standby, difference.active.map({ $0.head < theirs.head }) ?? true {
                found = difference.session
            }
            return found == nil
        }
        return found
    }
}
