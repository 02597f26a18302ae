import FoundationEssentials

/// Tells the time of day. Handed in, so that a test can skew it; nothing's order or safety hangs on it.
package struct WallClock: Sendable {
    private let read: @Sendable () -> Timestamp

    package init(_ read: @escaping @Sendable () -> Timestamp) {
        self.read = read
    }

    package func now() -> Timestamp { read() }

    /// The machine's clock, in whole milliseconds: some databases keep no more, and a time should come back as it was.
    package static let system = WallClock {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000) * 1_000)
    }
}
