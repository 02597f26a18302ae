/// Judges which workers are dead, by one clock only: the judge's own, and a monotonic one.
///
/// A worker is dead when the judge, who looked all the time, has seen its beat unchanged for the whole patience.
struct DeathWatch {
    private struct Sight {
        var beat: String
        var since: ContinuousClock.Instant
    }

    private let patience: Duration
    private let longestGap: Duration
    private var sights: [String: Sight] = [:]
    private var lastLook: ContinuousClock.Instant?

    init(patience: Duration, longestGap: Duration) {
        self.patience = patience
        self.longestGap = longestGap
    }

    /// Takes in how all hearts beat at `now`.
    ///
    /// - Returns: The dead, each with the beat that stood still: whoever reaps compares it once more.
    mutating func look(at beats: [String: String], now: ContinuousClock.Instant) -> [(
        worker: String, beat: String
    )] {
        if let lastLook, now - lastLook > longestGap { sights = [:] }
        lastLook = now
        var seen: [String: Sight] = [:]
        var dead: [(worker: String, beat: String)] = []
        for (worker, beat) in beats {
            guard let sight = sights[worker], sight.beat == beat else {
                seen[worker] = Sight(beat: beat, since: now)
                continue
            }
            seen[worker] = sight
            if now - sight.since >= patience { dead.append((worker, beat)) }
        }
        sights = seen
        return dead
    }

    /// Whose turn it is to reap: the first by name of those whose heart beat within the last two thirds of the patience. Judges
    /// that see the same agree without a word; two that do not may both reap, which does no harm.
    func reaper(at now: ContinuousClock.Instant) -> String? {
        sights.filter { now - $0.value.since < patience * 2 / 3 }.keys.min()
    }

    /// Whether a heart has missed a beat, so that it is worth looking more often.
    func isInSuspense(at now: ContinuousClock.Instant, beatInterval: Duration) -> Bool {
        sights.values.contains { now - $0.since > beatInterval * 3 / 2 }
    }
}
