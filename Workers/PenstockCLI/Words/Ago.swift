import PenstockModel

/// Times as people say them.
enum Ago {
    /// `3s ago`, `in 5m`.
    static func text(_ time: Timestamp?, now: Timestamp = WallClock.system.now()) -> String {
        guard let time else { return "" }
        let passed = Duration.microseconds(now.microseconds - time.microseconds)
        return passed >= .zero ? "\(length(passed)) ago" : "in \(length(.zero - passed))"
    }

    /// The time itself and how long ago it was.
    static func both(_ time: Timestamp?, now: Timestamp = WallClock.system.now()) -> String? {
        time.map { "\($0.description) (\(text($0, now: now)))" }
    }

    /// One unit, the greatest that fits: `350ms`, `12s`, `4m`, `3h`, `9d`.
    static func length(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        switch milliseconds {
        case ..<1000: return "\(milliseconds)ms"
        case ..<120_000: return "\(milliseconds / 1000)s"
        case ..<7_200_000: return "\(milliseconds / 60_000)m"
        case ..<172_800_000: return "\(milliseconds / 3_600_000)h"
        default: return "\(milliseconds / 86_400_000)d"
        }
    }
}
