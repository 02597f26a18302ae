import PenstockModel

/// When the clocks of a time zone are changed, as the files of tzdata have it (RFC 8536).
///
/// They are read here, because Foundation knows zones only with its 40 MB of ICU, whose rules are those of the day on which
/// the program was built.
struct ZoneRules: Hashable, Sendable {
    /// The distance from UTC before the first change.
    private let firstOffset: Int64
    private let changes: [ZoneChange]
    /// What holds after the last change; `nil` if nothing changes any more.
    private let rule: ZoneRule?

    static let utc = ZoneRules(firstOffset: 0, changes: [], rule: nil)

    private init(firstOffset: Int64, changes: [ZoneChange], rule: ZoneRule?) {
        self.firstOffset = firstOffset
        self.changes = changes
        self.rule = rule
    }

    /// Reads a file's bytes; `nil` if they are none of version 2 or later.
    init?(_ bytes: [UInt8]) {
        var reader = ZoneReader(bytes)
        guard let old = ZoneHeader(&reader), old.version >= UInt8(ascii: "2"),
            // What stands first is for readers that know no times after 2037.
            reader.skip(old.byteCount(ofTimes: 4)), let header = ZoneHeader(&reader), header.typeCount > 0
        else { return nil }
        var moments: [Int64] = []
        for _ in 0..<header.timeCount {
            guard let moment = reader.integer(bytes: 8) else { return nil }
            moments.append(moment)
        }
        var types: [Int] = []
        for _ in 0..<header.timeCount {
            guard let type = reader.byte(), type < header.typeCount else { return nil }
            types.append(Int(type))
        }
        var offsets: [Int64] = []
        for _ in 0..<header.typeCount {
            guard let offset = reader.integer(bytes: 4), reader.skip(2) else { return nil }
            offsets.append(offset)
        }
        guard reader.skip(header.byteCountAfterTypes(ofTimes: 8)), reader.byte() == UInt8(ascii: "\n"),
            let footer = reader.line()
        else { return nil }
        if footer.isEmpty {
            rule = nil
        } else {
            guard let read = ZoneRule(footer) else { return nil }
            rule = read
        }
        firstOffset = offsets[0]
        changes = zip(moments, types).map { ZoneChange(moment: $0, offset: offsets[$1]) }
    }

    /// The period that a moment lies in.
    func period(at moment: Int64) -> ZonePeriod {
        let after = changes.partitioningIndex { $0.moment > moment }
        guard after == changes.count else {
            return ZonePeriod(
                start: after == 0 ? .min : changes[after - 1].moment, end: changes[after].moment,
                offset: after == 0 ? firstOffset : changes[after - 1].offset)
        }
        let start = changes.last?.moment ?? .min
        guard let rule else {
            return ZonePeriod(start: start, end: .max, offset: changes.last?.offset ?? firstOffset)
        }
        var period = rule.period(at: moment)
        period.start = max(period.start, start)
        return period
    }

    /// The first moment at which the clocks have reached a local time: the first of two, or the end of the gap that it lies in.
    func moment(reaching local: Int64) -> Int64 {
        // No place is further from UTC.
        let mostOffset: Int64 = 26 * 3600
        var period = period(at: local - mostOffset)
        while true {
            let moment = max(local - period.offset, period.start)
            if moment < period.end { return moment }
            period = self.period(at: period.end)
        }
    }
}

/// From this moment on the clocks are so many seconds east of UTC.
struct ZoneChange: Hashable, Sendable {
    let moment: Int64
    let offset: Int64
}

/// How much of what stands in one of a file's two halves.
private struct ZoneHeader {
    let version: UInt8
    let timeCount: Int
    let typeCount: Int
    private let utcCount: Int
    private let standardCount: Int
    private let leapCount: Int
    private let letterCount: Int

    init?(_ reader: inout ZoneReader) {
        guard reader.integer(bytes: 4) == 0x545a_6966, let version = reader.byte(), reader.skip(15) else {
            return nil
        }
        var counts: [Int] = []
        for _ in 0..<6 {
            guard let count = reader.integer(bytes: 4), (0...100_000).contains(count) else { return nil }
            counts.append(Int(count))
        }
        self.version = version
        utcCount = counts[0]
        standardCount = counts[1]
        leapCount = counts[2]
        timeCount = counts[3]
        typeCount = counts[4]
        letterCount = counts[5]
    }

    func byteCount(ofTimes width: Int) -> Int {
        timeCount * (width + 1) + typeCount * 6 + byteCountAfterTypes(ofTimes: width)
    }

    func byteCountAfterTypes(ofTimes width: Int) -> Int {
        letterCount + leapCount * (width + 4) + standardCount + utcCount
    }
}

/// Reads numbers, the greatest byte first.
private struct ZoneReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func skip(_ count: Int) -> Bool {
        guard rest.count >= count else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    mutating func integer(bytes count: Int) -> Int64? {
        guard rest.count >= count, let first = rest.first else { return nil }
        var value: Int64 = first >= 0x80 ? -1 : 0
        for byte in rest.prefix(count) { value = value << 8 | Int64(byte) }
        rest = rest.dropFirst(count)
        return value
    }

    /// What stands before the next line break; `nil` if there is none.
    func line() -> ArraySlice<UInt8>? {
        rest.firstIndex(of: UInt8(ascii: "\n")).map { rest[..<$0] }
    }
}

extension Array {
    /// The first index whose element, like all after it, meets a condition.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
