/// Decides what a pair does next, by what its two stores answered. Knows no clock and no store.
struct PairJudgement: Sendable {
    typealias Place = PairStanding.Place

    /// What is known of one store.
    struct Sight: Hashable, Sendable {
        /// Whether it answered when it was asked last.
        fileprivate(set) var answers = false
        /// What was noted there when it answered last.
        fileprivate(set) var noted: PairStanding?
        /// When it was asked for its last answer.
        fileprivate(set) var asked: ContinuousClock.Instant?
        /// Since when it has answered every time.
        fileprivate(set) var since: ContinuousClock.Instant?
        /// Since when it has not answered.
        fileprivate(set) var missing: ContinuousClock.Instant?
        /// Since when the standing of the pair is known to have been noted there.
        fileprivate(set) var agreed: ContinuousClock.Instant?

        /// Whether it was seen under the standing or directly before it, so that it cannot have gone on alone in between.
        fileprivate func hasFollowed(to standing: PairStanding) -> Bool {
            noted.map { $0.term >= standing.term - 1 } ?? false
        }
    }

    enum Step: Hashable, Sendable {
        /// Nothing is noted anywhere, and both answer: agree on how the pair stands.
        case found
        /// Note this standing at these places, in order. The first decides: if something greater is noted there, that counts.
        case raise(PairStanding, at: [Place])
        /// Ask this store again: its answer may be older than the standing.
        case ask(Place)
        /// Copy what the standby lacks.
        case copy(PairStanding)
    }

    private let settings: PairSettings
    /// The greatest standing that was ever seen, and since when it is known.
    private(set) var standing: PairStanding?
    private var known: ContinuousClock.Instant?
    private var primary = Sight()
    private var secondary = Sight()
    /// Whether the pair was seen as the settings want it: a worker changes that once, so that two that differ don't go on for ever.
    private var hasSettled = false

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

    /// A store has answered what it was asked at some moment.
    mutating func saw(
        _ noted: PairStanding?, at place: Place, asked: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) {
        self[place].since = self[place].since ?? now
        self[place].missing = nil
        self[place].answers = true
        // What was noted there meanwhile counts more than an answer that was under way.
        if noted != standing, let agreed = self[place].agreed, asked < agreed { return }
        self[place].asked = asked
        learn(noted, at: place, now: now)
    }

    /// A store has told what is noted there.
    mutating func learn(_ noted: PairStanding?, at place: Place, now: ContinuousClock.Instant) {
        self[place].noted = noted
        if let noted, standing.map({ noted > $0 }) ?? true {
            standing = noted
            known = now
            primary.agreed = nil
            secondary.agreed = nil
            if noted.replication == settings.replication { hasSettled = true }
        }
        if noted != nil, noted == standing { self[place].agreed = self[place].agreed ?? now }
    }

    /// A store has not answered.
    mutating func missed(_ place: Place, now: ContinuousClock.Instant) {
        self[place].missing = self[place].missing ?? now
        self[place].answers = false
        self[place].since = nil
    }

    /// What is to be done now, if anything.
    func step(now: ContinuousClock.Instant) -> Step? {
        guard let standing else { return primary.answers && secondary.answers ? .found : nil }
        let both = [standing.active, standing.active.other]
        if let place = both.first(where: isOutdated) { return .ask(place) }
        let standby = self[standing.active.other]
        // What the active store has lost, the standby may be the last to have.
        guard self[standing.active].answers, !hasLost(standing.active) else {
            return failOver(from: standing)
        }
        switch standing.standby {
        case .complete:
            if !standby.answers { return nil }
            if hasLost(standing.active.other) { return .raise(standing.next(.joining), at: both) }
            return agreed == nil ? .raise(standing, at: both) : nil
        case .following:
            guard standby.answers else { return goOnAlone(from: standing, now: now) }
            if hasLost(standing.active.other) { return .raise(standing.next(.joining), at: both) }
            return agreed == nil ? .raise(standing, at: both) : nil
        case .joining:
            guard standby.answers else { return goOnAlone(from: standing, now: now) }
            return agreed == nil ? .raise(standing, at: both) : .copy(standing)
        case .alone:
            guard let since = standby.since, let known else { return nil }
            let wait: Duration = standing.active == .secondary ? settings.failbackDelay : .zero
            return now - max(since, known) >= wait ? .raise(standing.next(.joining), at: both) : nil
        }
    }

    /// How the pair stands once the standby has all that the active store has: the primary is active whenever it can be.
    func joined(_ standing: PairStanding) -> PairStanding {
        PairStanding(
            term: standing.term + 1, active: .primary,
            standby: settings.replication == .sync ? .complete : .following)
    }

    /// The standing to note so that the pair is kept as the settings want it, if it is not; asked for once.
    mutating func settle() -> PairStanding? {
        guard !hasSettled, let agreed, agreed.replication != nil else { return nil }
        hasSettled = true
        // What follows has to be brought up to date before it is complete.
        return agreed.next(settings.replication == .sync ? .joining : .following)
    }

    /// Whether the standing, or the one directly before it, was noted there and is so no longer: then it has lost sessions too.
    ///
    /// The active store is told of a standing first, and the standby has to have noted `joining` before it is complete; so whoever
    /// is asked about a standing that is known has noted it, or lost it.
    func hasLost(_ place: Place) -> Bool {
        let sight = self[place]
        guard let standing, sight.answers, sight.noted != standing, !isOutdated(place) else { return false }
        guard place == standing.active || standing.replication != nil else { return false }
        return sight.agreed != nil || !sight.hasFollowed(to: standing)
    }

    /// Whether its last answer may be older than the standing.
    private func isOutdated(_ place: Place) -> Bool {
        let sight = self[place]
        guard let known, let asked = sight.asked, sight.answers else { return false }
        return sight.noted != standing && asked < known
    }

    /// A standby that has not answered once is not given up yet: it would have to be joined anew.
    private func goOnAlone(from standing: PairStanding, now: ContinuousClock.Instant) -> Step? {
        guard let missing = self[standing.active.other].missing else { return nil }
        guard now - missing >= settings.healthInterval else { return nil }
        return .raise(standing.next(.alone), at: [standing.active])
    }

    /// A standby takes over only from an active store that this process has seen under this standing or directly before it, or that
    /// has lost everything: it cannot know whether the active store went on without it. One that only follows has to be allowed to.
    private func failOver(from standing: PairStanding) -> Step? {
        let (active, standby) = (self[standing.active], self[standing.active.other])
        guard settings.failsOver,
            standing.standby == .complete || (standing.standby == .following && settings.mayLose),
            active.hasFollowed(to: standing) || hasLost(standing.active),
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
