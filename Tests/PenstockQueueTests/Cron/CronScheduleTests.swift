import PenstockModel
import PenstockQueue
import Testing

@Suite("Cron schedules")
struct CronScheduleTests {
    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

    /// As `penstock cron next` would print them in UTC, without seconds.
    private func times(
        _ expression: String, in zone: String, after start: String, _ count: Int
    ) throws -> [String] {
        let schedule = CronSchedule(try CronExpression(expression), in: try CronZone(zone))
        var time = try Self.time(start)
        return (0..<count).map { _ in
            time = schedule.next(after: time)
            return String(time.description.prefix(16))
        }
    }

    struct Case: Sendable, CustomStringConvertible {
        let expression: String
        let zone: String
        let start: String
        let times: [String]

        init(_ expression: String, _ zone: String = "UTC", after start: String, _ times: String...) {
            self.expression = expression
            self.zone = zone
            self.start = start
            self.times = times
        }

        var description: String { "\(expression) \(zone) after \(start)" }
    }

    @Test(arguments: [
        Case(
            "* * * * *", after: "2026-01-01T00:00:59.999999Z", "2026-01-01T00:01", "2026-01-01T00:02"),
        Case("* * * * *", after: "2026-01-01T00:01:00Z", "2026-01-01T00:02"),
        Case("59 23 31 12 *", after: "2026-12-31T23:59:00Z", "2027-12-31T23:59"),
        Case("0 0 29 2 *", after: "2026-01-01T00:00:00Z", "2028-02-29T00:00", "2032-02-29T00:00"),
        Case("0 0 29 2 *", after: "2096-03-01T00:00:00Z", "2104-02-29T00:00"),
        // A 29th of February that is a Sunday, a Wednesday or a Saturday: both fields have to match.
        Case("0 0 29 2 */3", after: "2026-01-01T00:00:00Z", "2032-02-29T00:00", "2040-02-29T00:00"),
        Case(
            "0 12 31 * *", after: "2026-01-31T12:00:00Z", "2026-03-31T12:00", "2026-05-31T12:00",
            "2026-07-31T12:00", "2026-08-31T12:00"),
        // Day of the month or day of the week, when both are restricted.
        Case(
            "0 0 13 * FRI", after: "2026-02-01T00:00:00Z", "2026-02-06T00:00", "2026-02-13T00:00",
            "2026-02-20T00:00", "2026-02-27T00:00", "2026-03-06T00:00"),
        Case(
            "0 0 1 * MON", after: "2026-03-28T00:00:00Z", "2026-03-30T00:00", "2026-04-01T00:00",
            "2026-04-06T00:00"),
        // A field that begins with `*` does not restrict: then both have to match.
        Case(
            "0 0 */2 * MON", after: "2026-03-01T00:00:00Z", "2026-03-09T00:00", "2026-03-23T00:00"),
        Case("0 0 30 2 MON", after: "2026-02-01T00:00:00Z", "2026-02-02T00:00", "2026-02-09T00:00"),
        Case(
            "0 9 * * MON-FRI", "Asia/Kolkata", after: "2026-01-02T12:00:00Z", "2026-01-05T03:30",
            "2026-01-06T03:30"),
        Case("0 0 * * *", "Pacific/Kiritimati", after: "2026-01-01T00:00:00Z", "2026-01-01T10:00"),
        Case("0 0 * * *", "Pacific/Pago_Pago", after: "2026-01-01T00:00:00Z", "2026-01-01T11:00"),
    ])
    func `the next times, in years and months`(_ one: Case) throws {
        #expect(try times(one.expression, in: one.zone, after: one.start, one.times.count) == one.times)
    }

    @Test(arguments: [
        // Berlin, 29 March 2026: 02:00 to 03:00 is left out at 01:00Z.
        Case(
            "30 2 * * *", "Europe/Berlin", after: "2026-03-27T12:00:00Z", "2026-03-28T01:30",
            "2026-03-29T01:00", "2026-03-30T00:30"),
        Case(
            "0,30 2,3 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-29T01:00",
            "2026-03-29T01:30", "2026-03-30T00:00"),
        Case(
            "*/20 * * * *", "Europe/Berlin", after: "2026-03-29T00:30:00Z", "2026-03-29T00:40",
            "2026-03-29T01:00", "2026-03-29T01:20"),
        Case(
            "15 */2 * * *", "Europe/Berlin", after: "2026-03-28T22:00:00Z", "2026-03-28T23:15",
            "2026-03-29T02:15", "2026-03-29T04:15"),
        Case(
            "*/30 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-30T00:00",
            "2026-03-30T00:30"),
        // 25 October 2026: 02:00 to 03:00 comes twice, at 00:00Z and at 01:00Z.
        Case(
            "30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", "2026-10-25T00:30",
            "2026-10-26T01:30"),
        Case(
            "30 2 * * *", "Europe/Berlin", after: "2026-10-25T01:10:00Z", "2026-10-26T01:30"),
        Case(
            "0 1-3 * * *", "Europe/Berlin", after: "2026-10-24T22:00:00Z", "2026-10-24T23:00",
            "2026-10-25T00:00", "2026-10-25T02:00", "2026-10-26T00:00"),
        Case(
            "30 * * * *", "Europe/Berlin", after: "2026-10-24T23:45:00Z", "2026-10-25T00:30",
            "2026-10-25T01:30", "2026-10-25T02:30"),
        Case(
            "*/30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", "2026-10-25T00:00",
            "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-26T01:00"),
        // New York, 8 March and 1 November 2026.
        Case(
            "30 2 * * *", "America/New_York", after: "2026-03-07T12:00:00Z", "2026-03-08T07:00",
            "2026-03-09T06:30"),
        Case(
            "30 1 * * *", "America/New_York", after: "2026-10-31T12:00:00Z", "2026-11-01T05:30",
            "2026-11-02T06:30"),
        Case(
            "@hourly", "America/New_York", after: "2026-11-01T04:30:00Z", "2026-11-01T05:00",
            "2026-11-01T06:00", "2026-11-01T07:00"),
        // Lord Howe changes by half an hour: 02:00 to 02:30 is left out on 4 October 2026, at 15:30Z of the day before, and 01:30 to
        // 02:00 comes twice on 5 April, from 14:30Z on.
        Case(
            "15 2 * * *", "Australia/Lord_Howe", after: "2026-10-02T16:00:00Z", "2026-10-03T15:30",
            "2026-10-04T15:15"),
        Case(
            "45 2 * * *", "Australia/Lord_Howe", after: "2026-10-02T16:30:00Z", "2026-10-03T15:45"),
        Case(
            "45 1 * * *", "Australia/Lord_Howe", after: "2026-04-04T00:00:00Z", "2026-04-04T14:45",
            "2026-04-05T15:15"),
        Case(
            "*/15 * * * *", "Australia/Lord_Howe", after: "2026-04-04T14:40:00Z", "2026-04-04T14:45",
            "2026-04-04T15:00", "2026-04-04T15:15"),
        // The rule for all years that no table reaches.
        Case(
            "30 2 * * *", "Europe/Berlin", after: "2090-03-25T12:00:00Z", "2090-03-26T01:00",
            "2090-03-27T00:30"),
    ])
    func `the next times, where clocks are changed`(_ one: Case) throws {
        #expect(try times(one.expression, in: one.zone, after: one.start, one.times.count) == one.times)
    }

    @Test func `the latest occurrences are found fast, however long ago the first was`() throws {
        let first = try Self.time("1990-01-01T00:00:00Z")
        let now = try Self.time("2026-01-01T00:00:30Z")
        let minutely = CronSchedule(try CronExpression("* * * * *"))
        let latest = minutely.occurrences(from: first, until: now, last: 3)
        #expect(latest.map(\.idText) == ["20251231T2358Z", "20251231T2359Z", "20260101T0000Z"])
        let yearly = CronSchedule(try CronExpression("@yearly"))
        #expect(yearly.occurrences(from: first, until: now, last: 100).count == 37)
        #expect(yearly.occurrences(from: first, until: now, last: 1).map(\.idText) == ["20260101T0000Z"])
        #expect(yearly.occurrences(from: first, until: first, last: 5) == [first])
        let hourly = CronSchedule(try CronExpression("@hourly"))
        let hourLater = try Self.time("1990-01-01T01:00:00Z")
        #expect(hourly.occurrences(from: first, until: hourLater, last: 5) == [first, hourLater])
        #expect(yearly.occurrences(from: first, until: hourLater, last: 5) == [first])
    }
}
