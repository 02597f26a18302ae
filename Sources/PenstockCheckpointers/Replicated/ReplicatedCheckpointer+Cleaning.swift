package import PenstockModel

extension ReplicatedCheckpointer {
    /// Cleans the active store, and then by the same rules the standby, where there is one; only the former is counted.
    ///
    /// A failover in between does no harm: what one store has too many of is removed by a later pass.
    package func clean(
        _ retention: Retention, from position: CleaningPosition?, limit: Int, isDryRun: Bool, now: Timestamp
    ) async throws(CheckpointerError) -> CleanedPage {
        guard let position, position.isOfStandby else {
            var page = try await read { store throws(CheckpointerError) in
                try await store.clean(
                    retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
            }
            if page.next == nil, !isDryRun, keeper.agreed?.replication != nil {
                var next = CleaningPosition()
                next.isOfStandby = true
                page.next = next
            }
            return page
        }
        guard let standing = keeper.agreed, standing.replication != nil else { return CleanedPage() }
        let isFirst = position.cursor == nil && position.sessions.isEmpty
        var page = try await stores[standing.active.other].clean(
            retention, from: isFirst ? nil : position, limit: limit, isDryRun: isDryRun, now: now)
        page.sessions = 0
        page.removed = [:]
        page.next?.isOfStandby = true
        return page
    }
}
