/// A moment, in whole microseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970, without leap seconds.
    public let microseconds: Int64

    /// The moment that many microseconds after (or before) the start of 1970.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment `duration` later, to the microsecond.
    package func advanced(by duration: Duration) -> Timestamp {
        Timestamp(microseconds: microseconds + duration.wholeMicroseconds)
    }
}

extension Duration {
    /// The longest time that anybody may ask for: what is longer is a mistake.
    package static let tenYears = Duration.seconds(315_360_000)

    /// The duration in whole microseconds, cut off below.
    package var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    /// The duration in whole milliseconds, cut off below.
    package var wholeMilliseconds: Int64 {
        wholeMicroseconds / 1000
    }

    /// The duration in seconds, for messages and settings.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
