package import PenstockModel

extension ReplicatedCheckpointer {
    /// Asks both stores, and tells how the pair stands.
    package func status() async -> PairStatus {
        await keeper.examine()
        return keeper.status ?? PairStatus(standing: nil, primaryAnswers: false, secondaryAnswers: false)
    }

    /// Goes on with one of the two stores alone, as whoever runs the system has decided; the other one is joined again once it answers.
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
        let hasAll = standing.map { !hasLost && ($0.active == place || $0.standby == .complete) } ?? false
        guard hasAll || losing else {
            throw .refused(
                reason:
                    "the \(place.rawValue) store is not known to have all that was acknowledged (\(standing.map { "\($0)" } ?? "nothing is known of the pair"))"
            )
        }
        let next = PairStanding(term: (standing?.term ?? 0) + 1, active: place, standby: .alone)
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
