/// A stretch of time during which a zone's clocks keep one distance from UTC; in seconds since 1970.
struct ZonePeriod: Hashable, Sendable {
    var start: Int64
    /// The first second after it.
    var end: Int64
    /// Seconds east of UTC.
    var offset: Int64

    /// For all time.
    init(offset: Int64) {
        self.init(start: .min, end: .max, offset: offset)
    }

    init(start: Int64, end: Int64, offset: Int64) {
        self.start = start
        self.end = end
        self.offset = offset
    }
}
