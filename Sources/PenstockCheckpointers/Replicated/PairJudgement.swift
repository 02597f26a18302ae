/// Decides what a pair does next, by what its two stores answered. Knows no clock and no store.
struct PairJudgement: Sendable {
    typealias Place = PairStanding.Place

    /// What is known of one store.
    struct Sight: Hashable, Sendable {
        /// Whether it answered when it was asked last.
        fileprivate(set) var answers = false
        /// What was noted there when it answered last.
        fileprivate(set) var noted: PairStanding?
        /// Since when it has answered every time.
        fileprivate(set) var since: ContinuousClock.Instant?
        /// Whether the standing of the pair was seen to be noted there.
        fileprivate(set) var hasAgreed = false

        /// Whether the standing was noted there and is so no longer: then it has lost sessions too.
        fileprivate func hasLost(_ standing: PairStanding) -> Bool {
            answers && noted != standing && (noted == nil || hasAgreed)
        }
    }

    enum Step: Hashable, Sendable {
        /// Nothing is noted anywhere, and both answer: agree on how the pair stands.
        case found
        /// Note this standing at these places, in order. The first decides: if something greater is noted there, that counts.
        case raise(PairStanding, at: [Place])
        /// Copy what the standby lacks.
        case copy(PairStanding)
    }

    private let settings: PairSettings
    /// The greatest standing that was ever seen, and since when it is known.
    private(set) var standing: PairStanding?
    private var known: ContinuousClock.Instant?
    private var primary = Sight()
    private var secondary = Sight()

    init(_ settings: PairSettings) {
        self.settings = settings
    }

    private(set) subscript(place: Place) -> Sight {
        get { place == .primary ? primary : secondary }
        set { if place == .primary { primary = newValue } else { secondary = newValue } }
    }

    /// The standing, if work can go on under it: every store that it needs has noted it.
    var agreed: PairStanding? {
        guard let standing, self[standing.active].noted == standing else { return nil }
        guard standing.standby == .alone || self[standing.active.other].noted == standing else { return nil }
        return standing
    }

    /// A store has answered.
    mutating func saw(_ noted: PairStanding?, at place: Place, now: ContinuousClock.Instant) {
        self[place].since = self[place].since ?? now
        self[place].answers = true
        learn(noted, at: place, now: now)
    }

    /// A store has told what is noted there.
    mutating func learn(_ noted: PairStanding?, at place: Place, now: ContinuousClock.Instant) {
        self[place].noted = noted
        if let noted, standing.map({ noted > $0 }) ?? true {
            standing = noted
            known = now
            primary.hasAgreed = false
            secondary.hasAgreed = false
        }
        if noted != nil, noted == standing { self[place].hasAgreed = true }
    }

    /// A store has not answered.
    mutating func missed(_ place: Place) {
        self[place].answers = false
        self[place].since = nil
    }

    /// What is to be done now, if anything.
    func step(now: ContinuousClock.Instant) -> Step? {
        guard let standing else { return primary.answers && secondary.answers ? .found : nil }
        let active = self[standing.active]
        let standby = self[standing.active.other]
        let both = [standing.active, standing.active.other]
        switch standing.standby {
        case .complete:
            if !active.answers || active.hasLost(standing) { return failOver(from: standing) }
            if !standby.answers { return nil }
            if standby.hasLost(standing) { return .raise(standing.next(.joining), at: both) }
            if agreed == nil { return .raise(standing, at: both) }
            guard standing.active == .secondary else { return nil }
            let back = PairStanding(term: standing.term + 1, active: .primary, standby: .complete)
            return .raise(back, at: both)
        case .joining:
            guard active.answers else { return nil }
            guard standby.answers else { return .raise(standing.next(.alone), at: [standing.active]) }
            return agreed == nil ? .raise(standing, at: both) : .copy(standing)
        case .alone:
            guard active.answers, let since = standby.since, let known else { return nil }
            let wait: Duration = standing.active == .secondary ? settings.failbackDelay : .zero
            return now - max(since, known) >= wait ? .raise(standing.next(.joining), at: both) : nil
        }
    }

    /// A standby takes over only from an active store that this process has seen to agree, or that has lost everything: it cannot know
    /// whether the active store went on without it.
    private func failOver(from standing: PairStanding) -> Step? {
        let (active, standby) = (self[standing.active], self[standing.active.other])
        guard settings.failsOver, active.hasAgreed || active.hasLost(standing),
            standby.answers, standby.noted == standing
        else { return nil }
        let next = PairStanding(term: standing.term + 1, active: standing.active.other, standby: .alone)
        return .raise(next, at: [next.active])
    }
}

extension PairStanding {
    func next(_ standby: Standby) -> PairStanding {
        PairStanding(term: term + 1, active: active, standby: standby)
    }
}
