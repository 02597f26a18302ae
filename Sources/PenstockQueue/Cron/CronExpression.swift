import PenstockModel

/// Five fields that say at which minutes of local time something is due, as crontab(5) has them: `30 2 * * MON-FRI`.
///
/// Every expression comes true some day: one that names 30 February alone is refused.
package struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// As it was written, with single spaces.
    package let description: String
    /// Whether the minute or the hour begins with `*`: cron(8)'s jobs that go by elapsed time when clocks are changed, where the
    /// others go by the clock's face.
    let isWildcard: Bool
    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    /// Whether a day has to match one of the two fields; else both.
    private let takesEitherDay: Bool

    private static let shorthands: KeyValuePairs = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]
    /// After so many years the Gregorian calendar comes again, weekdays too.
    private static let cycle: Int64 = 400

    package init(_ text: String) throws(CronFault) {
        var words = text.split(whereSeparator: \.isWhitespace)
        let description = words.joined(separator: " ")
        if let first = words.first, first.hasPrefix("@") {
            let names = Self.shorthands.map(\.key)
            guard words.count == 1,
                let fields = Self.shorthands.first(where: { $0.key == first.lowercased() })?.value
            else {
                throw CronFault(
                    "an expression that begins with @ is one of \(names.joined(separator: ", ")), not \"\(description.prefix(60))\""
                        + Nearest.suggestion(for: description, among: names))
            }
            words = fields.split(separator: " ")
        }
        guard words.count == CronField.allCases.count else {
            throw CronFault(
                "an expression has five fields, minute, hour, day of the month, month and day of the week, as in \"30 2 * * MON-FRI\", "
                    + "not \(words.count) as in \"\(description.prefix(60))\"")
        }
        self.description = description
        minutes = try CronField.minute.values(in: words[0])
        hours = try CronField.hour.values(in: words[1])
        days = try CronField.day.values(in: words[2])
        months = try CronField.month.values(in: words[3])
        weekdays = try CronField.weekday.values(in: words[4])
        isWildcard = words[0].hasPrefix("*") || words[1].hasPrefix("*")
        takesEitherDay = !words[2].hasPrefix("*") && !words[4].hasPrefix("*")
        guard nextDay(from: 0) != nil else {
            throw CronFault(
                "an expression has to come true some day: \"\(description)\" never does, for there is no such day in those months"
            )
        }
    }

    /// The first minute that matches at a local time or after it, both in seconds since 1970 by the local clock.
    func next(atOrAfter local: Int64) -> Int64 {
        let (day, minute) = (local + 59).flooredDivision(by: 60).quotient.flooredDivision(by: 1440)
        if let matching = nextDay(from: day), matching == day, let of = nextMinute(from: Int(minute)) {
            return day * 86_400 + Int64(of) * 60
        }
        // Within a cycle there is one, as there was within the first.
        return (nextDay(from: day + 1) ?? day) * 86_400 + Int64(nextMinute(from: 0) ?? 0) * 60
    }

    /// The first minute of a day that matches, from one on.
    private func nextMinute(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours.has(hour), let of = minutes.first(from: minute % 60) { return hour * 60 + of }
        guard let later = hours.first(from: hour + 1), let first = minutes.first(from: 0) else { return nil }
        return later * 60 + first
    }

    /// The first day that matches, from one on, in days since 1970.
    private func nextDay(from start: Int64) -> Int64? {
        var (year, month, day) = CivilDate.from(daysSince1970: start)
        let last = year + Self.cycle
        while year <= last {
            if months.has(Int(month)) {
                let before = CivilDate.firstDay(ofMonth: month, year: year) - 1
                for day in day...CivilDate.length(ofMonth: month, year: year)
                where matches(day, CivilDate.weekday(daysSince1970: before + day)) { return before + day }
            }
            day = 1
            month += 1
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        return nil
    }

    private func matches(_ day: Int64, _ weekday: Int64) -> Bool {
        let byDay = days.has(Int(day))
        let byWeekday = weekdays.has(Int(weekday))
        return takesEitherDay ? byDay || byWeekday : byDay && byWeekday
    }

    /// Whether a local time, in seconds since 1970 by the local clock, is one of its minutes.
    package func matches(local: Int64) -> Bool { next(atOrAfter: local) == local }
}

extension UInt64 {
    fileprivate func has(_ bit: Int) -> Bool { self >> UInt64(bit) & 1 == 1 }

    /// The lowest bit that is set, from one on.
    fileprivate func first(from bit: Int) -> Int? {
        let rest = bit < 64 ? (self >> UInt64(bit)) << UInt64(bit) : 0
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}
