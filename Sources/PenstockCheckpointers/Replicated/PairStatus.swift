/// What a process knows of a pair.
package struct PairStatus: Hashable, Sendable {
    /// How it stands; `nil` when that was never noted, or no store answers that knows.
    package var standing: PairStanding?
    /// Whether the primary answered when it was asked last.
    package var primaryAnswers: Bool
    /// Whether the secondary answered when it was asked last.
    package var secondaryAnswers: Bool
    /// The stores that answer, and have lost what they had noted.
    package var lost: Set<PairStanding.Place> = []
    /// How far a standby that follows is behind this process.
    package var waiting: FollowingLag?
}

extension PairJudgement {
    var status: PairStatus {
        PairStatus(
            standing: standing, primaryAnswers: self[.primary].answers,
            secondaryAnswers: self[.secondary].answers,
            lost: Set(PairStanding.Place.allCases.filter(hasLost)))
    }
}
