package import PenstockModel

extension ReplicatedCheckpointer {
    /// Asks both stores, and tells how the pair stands.
    package func status() async -> PairStatus {
        await keeper.examine()
        var status =
            keeper.status ?? PairStatus(standing: nil, primaryAnswers: false, secondaryAnswers: false)
        if status.standing?.standby == .following { status.waiting = lag }
        return status
    }

    /// How far a standby that follows is behind all workers, those that died included: each worker knows only its own writes, so the
    /// stores themselves are compared. Its cost grows with the number of sessions.
    ///
    /// - Returns: `nil` where no standby follows, or one of the stores does not answer.
    /// - Throws: ``CheckpointerError/unavailable(reason:)``.
    package func comparedLag() async throws(CheckpointerError) -> PairLag? {
        let status = await status()
        guard status.primaryAnswers, status.secondaryAnswers,
            let standing = keeper.agreed, standing.standby == .following
        else { return nil }
        return try await SessionComparison(
            active: stores[standing.active], standby: stores[standing.active.other]
        ).lag()
    }

    /// Goes on with one of the two stores alone, as whoever runs the system has decided; the other one is joined again once it answers.
    ///
    /// While both answer, what that store lacks is copied first, and nothing is lost.
    ///
    /// - Parameters:
    ///   - place: The store to go on with.
    ///   - losing: Whether to do so although that store may lack what was acknowledged.
    /// - Returns: How the pair stands now.
    /// - Throws: ``CheckpointerError/refused(reason:)`` when it would lose something and may not.
    ///   ``CheckpointerError/unavailable(reason:)`` when that store does not answer.
    package func failOver(
        to place: PairStanding.Place, losing: Bool
    ) async throws(CheckpointerError) -> PairStanding {
        let status = await status()
        guard status.answers(place) else {
            throw .unavailable(reason: "the \(place.rawValue) store does not answer")
        }
        let standing = status.standing
        let hasLost = status.lost.contains(place)
        if let standing, standing.active == place, standing.standby == .alone, !hasLost { return standing }
        let next = PairStanding(term: (standing?.term ?? 0) + 1, active: place, standby: .alone)
        let hasAll = standing.map { !hasLost && ($0.active == place || $0.standby == .complete) } ?? false
        if !hasAll {
            do throws(CheckpointerError) {
                return try await keeper.handOver(to: place)
            } catch {
                let state = standing.map { "\($0)" } ?? "nothing is known of the pair"
                guard losing else {
                    throw .refused(
                        reason: "the \(place.rawValue) store is not known to have all that was acknowledged "
                            + "(\(state)), and cannot be given it now: \(error)")
                }
            }
            // Whoever still reaches the other store stops there first.
            if status.answers(place.other) { await keeper.note(next, at: place.other) }
        }
        let noted = try await stores[place].raise(to: next)
        await keeper.learn(noted, at: place)
        guard noted == next else {
            throw .unavailable(reason: "the pair has changed meanwhile (\(noted)); look again")
        }
        return noted
    }
}

extension PairStatus {
    package func answers(_ place: PairStanding.Place) -> Bool {
        place == .primary ? primaryAnswers : secondaryAnswers
    }
}
