import PenstockModel

/// What holds for all years to come, as the last line of a zone's file says it: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX `TZ`).
struct ZoneRule: Hashable, Sendable {
    private let standard: Int64
    private let summer: Summer?

    private struct Summer: Hashable {
        let offset: Int64
        let start: YearDay
        let end: YearDay
    }

    init?(_ text: ArraySlice<UInt8>) {
        var scanner = RuleScanner(text)
        guard scanner.name(), let west = scanner.time() else { return nil }
        standard = -west
        if scanner.isAtEnd {
            summer = nil
            return
        }
        guard scanner.name() else { return nil }
        let offset: Int64
        if scanner.skip(",") {
            offset = standard + 3600
        } else {
            guard let west = scanner.time(), scanner.skip(",") else { return nil }
            offset = -west
        }
        guard let start = YearDay(&scanner), scanner.skip(","), let end = YearDay(&scanner), scanner.isAtEnd
        else { return nil }
        summer = Summer(offset: offset, start: start, end: end)
    }

    func period(at moment: Int64) -> ZonePeriod {
        guard let summer else { return ZonePeriod(offset: standard) }
        let year = CivilDate.from(daysSince1970: moment.flooredDivision(by: 86_400).quotient).year
        let changes = (year - 1...year + 1).flatMap { year in
            [
                ZoneChange(moment: summer.start.local(in: year) - standard, offset: summer.offset),
                ZoneChange(moment: summer.end.local(in: year) - summer.offset, offset: standard),
            ]
        }.sorted { $0.moment < $1.moment }
        // The years before and after have changes on both sides.
        let next = changes.firstIndex { $0.moment > moment } ?? changes.count - 1
        let last = changes[max(next - 1, 0)]
        return ZonePeriod(start: last.moment, end: changes[next].moment, offset: last.offset)
    }
}

/// A time of every year, on the clock that is valid before it.
private struct YearDay: Hashable {
    private enum Day: Hashable {
        /// The nth such weekday of a month, the last for 5.
        case weekday(month: Int64, week: Int64, weekday: Int64)
        /// 1 to 365: 29 February is not counted.
        case day(Int64)
        /// 0 to 365: 29 February is.
        case ordinal(Int64)
    }

    private let day: Day
    /// In seconds; it may lie outside of the day.
    private let time: Int64

    init?(_ scanner: inout RuleScanner) {
        if scanner.skip("M") {
            guard let month = scanner.number(), (1...12).contains(month), scanner.skip("."),
                let week = scanner.number(), (1...5).contains(week), scanner.skip("."),
                let weekday = scanner.number(), (0...6).contains(weekday)
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else if scanner.skip("J") {
            guard let number = scanner.number(), (1...365).contains(number) else { return nil }
            day = .day(number)
        } else {
            guard let number = scanner.number(), (0...365).contains(number) else { return nil }
            day = .ordinal(number)
        }
        if scanner.skip("/") {
            guard let time = scanner.time() else { return nil }
            self.time = time
        } else {
            time = 2 * 3600
        }
    }

    /// In seconds since 1970 by the local clock.
    func local(in year: Int64) -> Int64 {
        let newYear = CivilDate.firstDay(ofMonth: 1, year: year)
        let days: Int64
        switch day {
        case .ordinal(let number): days = newYear + number
        case .day(let number):
            days = newYear + number - 1 + (number >= 60 && CivilDate.isLeap(year: year) ? 1 : 0)
        case .weekday(let month, let week, let weekday):
            let first = CivilDate.firstDay(ofMonth: month, year: year)
            var ahead = weekday - CivilDate.weekday(daysSince1970: first)
            if ahead < 0 { ahead += 7 }
            ahead += (week - 1) * 7
            if ahead >= CivilDate.length(ofMonth: month, year: year) { ahead -= 7 }
            days = first + ahead
        }
        return days * 86_400 + time
    }
}

private struct RuleScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) {
        rest = text
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Three letters or more, or anything between angle brackets.
    mutating func name() -> Bool {
        if skip("<") {
            rest = rest.drop { $0 != UInt8(ascii: ">") }
            return skip(">")
        }
        let before = rest.count
        rest = rest.drop { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
        return before - rest.count >= 3
    }

    mutating func number() -> Int64? {
        let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard (1...4).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// `[+-]h[:mm[:ss]]`, in seconds.
    mutating func time() -> Int64? {
        let sign: Int64 = skip("-") ? -1 : 1
        if sign == 1 { _ = skip("+") }
        guard var seconds = number().map({ $0 * 3600 }) else { return nil }
        for unit: Int64 in [60, 1] where skip(":") {
            guard let part = number() else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }
}
