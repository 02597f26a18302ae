extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with six digits after the second: `2026-01-02T03:04:05.678901+00:00`, the form that
    /// Python's `datetime.isoformat()` writes.
    public var description: String { text(separator: "T", zone: "+00:00") }

    /// UTC without a zone, as SQLite keeps it: `2026-01-02 03:04:05.678901`. Its order as text is its order in time.
    package var sqliteText: String { text(separator: " ", zone: "") }

    private func text(separator: Unicode.Scalar, zone: String) -> String {
        let (days, ofDay) = microseconds.flooredDivision(by: 86_400_000_000)
        let (year, month, day) = CivilDate.from(daysSince1970: days)
        let seconds = ofDay / 1_000_000
        var text = DigitWriter()
        text.put(year, digits: 4)
        text.put(month, digits: 2, after: "-")
        text.put(day, digits: 2, after: "-")
        text.put(seconds / 3600, digits: 2, after: separator)
        text.put(seconds / 60 % 60, digits: 2, after: ":")
        text.put(seconds % 60, digits: 2, after: ":")
        text.put(ofDay % 1_000_000, digits: 6, after: ".")
        text.bytes += zone.utf8
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// Reads RFC 3339, and its looser relatives that Python and SQLite write: `T` or a space between date and time, any
    /// number of digits after the second, `Z`, `±hh:mm` or no zone at all (then UTC).
    ///
    /// - Returns: `nil` when the text is no such time or names a day or an hour that does not exist.
    public init?(_ text: String) {
        var scanner = DigitScanner(text.utf8)
        guard let year = scanner.number(digits: 4), scanner.skip("-"),
            let month = scanner.number(digits: 2), scanner.skip("-"),
            let day = scanner.number(digits: 2), scanner.skip("T") || scanner.skip(" ") || scanner.skip("t"),
            let hour = scanner.number(digits: 2), scanner.skip(":"),
            let minute = scanner.number(digits: 2), scanner.skip(":"),
            let second = scanner.number(digits: 2),
            let days = CivilDate.daysSince1970(year: year, month: month, day: day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if scanner.skip(".") {
            guard let value = scanner.microseconds() else { return nil }
            fraction = value
        }
        guard let offset = scanner.zoneOffset(), scanner.isAtEnd else { return nil }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }
}

/// Writes fixed groups of digits into a text: a checkpoint has three times, and is to cost little.
private struct DigitWriter {
    var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(32)
    }

    /// Pads with zeros; a greater number takes the digits that it needs.
    mutating func put(_ value: Int64, digits: Int, after separator: Unicode.Scalar? = nil) {
        if let separator { bytes.append(UInt8(ascii: separator)) }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var scale: UInt64 = 1
        for _ in 1..<digits { scale *= 10 }
        while value.magnitude / scale >= 10 { scale *= 10 }
        while scale > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value.magnitude / scale % 10))
            scale /= 10
        }
    }
}

/// Reads fixed groups of digits from a text.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String.UTF8View) {
        bytes = Array(text)
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int64? {
        guard position < bytes.count, bytes[position] >= UInt8(ascii: "0"),
            bytes[position] <= UInt8(ascii: "9")
        else { return nil }
        defer { position += 1 }
        return Int64(bytes[position] - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One digit or more after a point; what is finer than a microsecond is cut off.
    mutating func microseconds() -> Int64? {
        guard let first = digit() else { return nil }
        var value = first * 100_000
        var scale: Int64 = 10_000
        while let digit = digit() {
            value += digit * scale
            scale /= 10
        }
        return value
    }

    /// Seconds east of UTC.
    mutating func zoneOffset() -> Int64? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), hours < 24 else { return nil }
        _ = skip(":")
        guard let minutes = isAtEnd ? 0 : number(digits: 2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
