package import PenstockModel

/// An expression on the clocks of a zone: the moments, called occurrences, at which something is due.
///
/// When clocks are changed it does as cron(8) does: an expression whose minute or hour begins with `*` is due at every moment at
/// which the clocks show one of its times. Any other is due once for each of its times: at the first of two moments that show it, and where it is
/// left out at the moment after the gap, once for all that are left out.
package struct CronSchedule: Hashable, Sendable {
    package let expression: CronExpression
    package let zone: CronZone

    package init(_ expression: CronExpression, in zone: CronZone = .utc) {
        self.expression = expression
        self.zone = zone
    }

    /// The first occurrence after a moment.
    package func next(after moment: Timestamp) -> Timestamp {
        let second = moment.microseconds.flooredDivision(by: 1_000_000).quotient
        return Timestamp(
            microseconds: 1_000_000
                * (expression.isWildcard ? nextShown(after: second) : nextReached(after: second)))
    }

    /// The next second at which the clocks show a time of the expression.
    private func nextShown(after second: Int64) -> Int64 {
        var from = second + 1
        while true {
            let period = zone.rules.period(at: from)
            let moment = expression.next(atOrAfter: from + period.offset) - period.offset
            if moment < period.end { return moment }
            from = period.end
        }
    }

    /// The next second at which the clocks reach a time of the expression for the first time, or leap over it.
    private func nextReached(after second: Int64) -> Int64 {
        var local = second + 1 + zone.rules.period(at: second).offset
        while true {
            local = expression.next(atOrAfter: local)
            let moment = zone.rules.moment(reaching: local)
            if moment > second { return moment }
            local += 60
        }
    }

    /// The last occurrences up to `now`, at most `count`, from a first one on, which counts as one in any case.
    ///
    /// It takes no more time for a first one of years ago.
    package func occurrences(from first: Timestamp, until now: Timestamp, last count: Int) -> [Timestamp] {
        var reach: Duration = .seconds(3600)
        while true {
            var start = now.advanced(by: .zero - reach)
            var occurrences: [Timestamp] = []
            let isAll = start <= first
            if isAll {
                start = first
                occurrences.append(first)
            }
            while true {
                start = next(after: start)
                guard start <= now else { break }
                occurrences.append(start)
            }
            if isAll || occurrences.count >= count { return occurrences.suffix(count) }
            reach *= 4
        }
    }
}

extension Timestamp {
    /// An occurrence as it stands in a job's id: `20260102T0304Z`.
    package var idText: String {
        description.prefix(16).filter { $0 != "-" && $0 != ":" } + "Z"
    }
}
