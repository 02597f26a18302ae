import PenstockModel

/// One of the five fields of an expression.
enum CronField: CaseIterable {
    case minute
    case hour
    case day
    case month
    case weekday

    var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day of the month"
        case .month: "month"
        case .weekday: "day of the week"
        }
    }

    private var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        case .weekday: 0...7
        }
    }

    /// Names for the values from the least on.
    private var words: [String] {
        switch self {
        case .minute, .hour, .day: []
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        }
    }

    /// The values that a text names, as bits; Sunday is 0 alone.
    func values(in text: Substring) throws(CronFault) -> UInt64 {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            for value in try values(ofPart: part) { bits |= 1 << UInt64(value) }
        }
        if self == .weekday, bits & 1 << 7 != 0 { bits = bits & ~(1 << 7) | 1 }
        return bits
    }

    /// `*`, a value or a range, and a step behind the first and the last.
    private func values(ofPart part: Substring) throws(CronFault) -> StrideThrough<Int> {
        let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let bounds: ClosedRange<Int>
        if halves[0] == "*" {
            bounds = range
        } else if ends.count == 1 {
            guard halves.count == 1 else {
                throw CronFault(
                    "the \(name)'s step stands behind * or a range, as in */2 or 1-7/2, not in \"\(part)\"")
            }
            let value = try value(ends[0], in: part)
            bounds = value...value
        } else {
            let first = try value(ends[0], in: part)
            var last = try value(ends[1], in: part)
            // A week may end with its Sunday.
            if self == .weekday, last == 0, first > 0, ends[1].first?.isLetter == true { last = 7 }
            guard first <= last else {
                throw CronFault(
                    "the \(name)'s range begins with the lesser value, as in 1-7, not \"\(halves[0])\"")
            }
            bounds = first...last
        }
        let step = halves.count == 1 ? 1 : try step(halves[1], in: part)
        return stride(from: bounds.lowerBound, through: bounds.upperBound, by: step)
    }

    private func value(_ text: Substring, in part: Substring) throws(CronFault) -> Int {
        if let number = Self.number(text), range.contains(number) { return number }
        if let index = words.firstIndex(of: text.uppercased()) { return range.lowerBound + index }
        var expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        if let first = words.first, let last = words.last { expected += ", or \(first) to \(last)" }
        let place = text == part ? "" : " in \"\(part.prefix(60))\""
        throw CronFault(
            "the \(name) is \(expected), not \"\(text.prefix(60))\"\(place)"
                + Nearest.suggestion(for: String(text), among: words))
    }

    private func step(_ text: Substring, in part: Substring) throws(CronFault) -> Int {
        guard let number = Self.number(text), (1...range.upperBound).contains(number) else {
            throw CronFault(
                "the \(name)'s step is a number from 1 to \(range.upperBound), not \"\(text.prefix(60))\" in \"\(part.prefix(60))\""
            )
        }
        return number
    }

    /// Digits only: `Int` takes a sign too.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}
