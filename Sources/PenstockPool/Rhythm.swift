/// When the heart does what.
struct Rhythm {
    private static let pauseAfterFailure: Duration = .milliseconds(250)
    private static let longestPause: Duration = .milliseconds(500)
    private static let pauseBetweenFarLooks: Duration = .seconds(60)

    private let settings: HeartSettings
    private var nextBeat: ContinuousClock.Instant
    private var nextSurvey: ContinuousClock.Instant
    private var nextFarLook: ContinuousClock.Instant
    private var differences = 0
    private var hasFailed = false
    var deathWatch: DeathWatch

    init(settings: HeartSettings, now: ContinuousClock.Instant) {
        self.settings = settings
        nextBeat = now
        nextSurvey = now
        nextFarLook = now
        deathWatch = DeathWatch(patience: settings.deadAfter, longestGap: settings.longestGap)
    }

    func isBeatDue(at now: ContinuousClock.Instant) -> Bool { now >= nextBeat }
    func isSurveyDue(at now: ContinuousClock.Instant) -> Bool { now >= nextSurvey }

    /// How long to wait at `now` before looking again at what is due.
    func pause(at now: ContinuousClock.Instant) -> Duration {
        max(.zero, min(min(nextBeat, nextSurvey) - now, Self.longestPause))
    }

    mutating func didBeat(at now: ContinuousClock.Instant) { nextBeat = now + settings.beatInterval }
    mutating func failedToBeat(at now: ContinuousClock.Instant) { nextBeat = now + Self.pauseAfterFailure }

    mutating func didSurvey(at now: ContinuousClock.Instant, mayHaveMore: Bool) {
        let isInSuspense = deathWatch.isInSuspense(at: now, beatInterval: settings.beatInterval)
        let interval = isInSuspense ? settings.suspenseInterval : settings.surveyInterval
        nextSurvey = now + (mayHaveMore ? .zero : min(interval, settings.surveyInterval))
    }

    /// Whether cron entries are to be looked at that stand far in the future, which is due once a minute.
    mutating func looksFarAhead(at now: ContinuousClock.Instant) -> Bool {
        guard now >= nextFarLook else { return false }
        nextFarLook = now + Self.pauseBetweenFarLooks
        return true
    }

    /// Whether the processing lists and the board have differed twice in a row: once may be a claim under way.
    mutating func differs(listed: Int, running: Int) -> Bool {
        differences = listed == running ? 0 : differences + 1
        guard differences >= 2 else { return false }
        differences = 0
        return true
    }

    /// Whether this is the first failure since a success.
    mutating func noteFailure() -> Bool {
        defer { hasFailed = true }
        return !hasFailed
    }

    /// Whether this is the first success since a failure.
    mutating func noteSuccess() -> Bool {
        defer { hasFailed = false }
        return hasFailed
    }
}
