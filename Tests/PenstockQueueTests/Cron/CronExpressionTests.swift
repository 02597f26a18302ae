import PenstockModel
import PenstockQueue
import Testing

@Suite("Cron expressions")
struct CronExpressionTests {
    @Test(arguments: [
        ("60 * * * *", #"the minute is a number from 0 to 59, not "60""#),
        ("-1 * * * *", #"the minute is a number from 0 to 59, not "" in "-1""#),
        ("+1 * * * *", #"the minute is a number from 0 to 59, not "+1""#),
        ("1,,2 * * * *", #"the minute is a number from 0 to 59, not """#),
        ("five * * * *", #"the minute is a number from 0 to 59, not "five""#),
        ("0 24 * * *", #"the hour is a number from 0 to 23, not "24""#),
        ("0 9-25 * * *", #"the hour is a number from 0 to 23, not "25" in "9-25""#),
        ("0 17-9 * * *", #"the hour's range begins with the lesser value, as in 1-7, not "17-9""#),
        ("0 0 0 * *", #"the day of the month is a number from 1 to 31, not "0""#),
        ("0 0 1 13 *", #"the month is a number from 1 to 12, or JAN to DEC, not "13""#),
        (
            "0 0 1 JNA *",
            #"the month is a number from 1 to 12, or JAN to DEC, not "JNA"; did you mean "JAN"?"#
        ),
        ("0 0 * * 8", #"the day of the week is a number from 0 to 7, or SUN to SAT, not "8""#),
        (
            "0 0 * * FRI-MON",
            #"the day of the week's range begins with the lesser value, as in 1-7, not "FRI-MON""#
        ),
        ("*/0 * * * *", #"the minute's step is a number from 1 to 59, not "0" in "*/0""#),
        ("*/60 * * * *", #"the minute's step is a number from 1 to 59, not "60" in "*/60""#),
        ("*/ * * * *", #"the minute's step is a number from 1 to 59, not "" in "*/""#),
        ("* */2/3 * * *", #"the hour's step is a number from 1 to 23, not "2/3" in "*/2/3""#),
        (
            "5/15 * * * *",
            #"the minute's step stands behind * or a range, as in */2 or 1-7/2, not in "5/15""#
        ),
        ("", #"an expression has five fields, minute, hour, day of the month, month and day of the week"#),
        ("0 0 * *", #"an expression has five fields, minute, hour, day of the month, month"#),
        ("0 0 0 * * *", #"an expression has five fields, minute, hour, day of the month, month"#),
        ("@dayly", #"an expression that begins with @ is one of @hourly, @daily, @midnight, @weekly,"#),
        ("@reboot", #"an expression that begins with @ is one of @hourly, @daily, @midnight, @weekly,"#),
        ("@daily 5", #"an expression that begins with @ is one of @hourly, @daily, @midnight, @weekly,"#),
        (
            "0 0 30 2 *",
            #"an expression has to come true some day: "0 0 30 2 *" never does, for there is no such day"#
        ),
        ("0 0 31 FEB,APR,JUN,SEP,NOV *", "an expression has to come true some day"),
    ])
    func `what is none is refused with a sentence`(_ text: String, _ sentence: String) {
        let fault = #expect(throws: CronFault.self) { try CronExpression(text) }
        #expect(fault?.description.hasPrefix(sentence) == true, "\(fault?.description ?? "")")
    }

    @Test func `a mistyped shorthand is told what may have been meant`() {
        let fault = #expect(throws: CronFault.self) { try CronExpression("@dayly") }
        #expect(fault?.description.hasSuffix(#"not "@dayly"; did you mean "@daily"?"#) == true)
    }

    /// Two ways to write one expression: they come true at the same times.
    @Test(arguments: [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * SUN"), ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"),
        ("@ANNUALLY", "0 0 1 JAN *"), ("0 0 * * 7", "0 0 * * 0"), ("0 0 * * FRI-SUN", "0 0 * * 0,5,6"),
        ("0 0 * * 5-7", "0 0 * * FRI,SAT,SUN"), ("0 0 * * mon-Fri", "0 0 * * 1-5"),
        ("*/15 * * * *", "0,15,30,45 * * * *"), ("10-40/10 1 * * *", "10,20,30,40 1 * * *"),
        ("0 1-23/6 * * *", "0 1,7,13,19 * * *"), ("0 0 1 jan-mar,DEC *", "0 0 1 1,2,3,12 *"),
        ("  0   0 1  1 * ", "0 0 1 1 *"), ("0 0 * * SUN-TUE", "0 0 * * 0-2"), ("07 08 * * *", "7 8 * * *"),
    ])
    func `names, ranges, lists, steps and shorthands`(_ one: String, _ other: String) throws {
        let schedules = try [one, other].map { CronSchedule(try CronExpression($0)) }
        var time = try #require(Timestamp("2026-01-01T00:00:00Z"))
        for _ in 0..<50 {
            let next = schedules[0].next(after: time)
            #expect(next == schedules[1].next(after: time))
            time = next
        }
    }

    @Test func `an expression is written as it came, with single spaces`() throws {
        #expect(try CronExpression(" 30  2 * * MON-FRI").description == "30 2 * * MON-FRI")
        #expect(try CronExpression("@daily").description == "@daily")
    }

    @Test(arguments: [
        ("Europe/Berln", #"; did you mean "Europe/Berlin"?"#),
        ("berlin", #"; did you mean "Europe/Berlin"?"#),
        ("europe/berlin", #"; did you mean "Europe/Berlin"?"#), ("utc", #"; did you mean "UTC"?"#),
        ("Mars/Olympus_Mons", #"not "Mars/Olympus_Mons""#), ("right/UTC", #"not "right/UTC""#),
        ("../zoneinfo/UTC", #"not "../zoneinfo/UTC""#), ("Europe", #"not "Europe""#), ("", #"not """#),
        ("Europe/Berlin/", "; did you mean "), ("tzdata.zi", #"not "tzdata.zi""#),
    ])
    func `a zone that is none is refused with a sentence`(_ name: String, _ end: String) {
        let fault = #expect(throws: CronFault.self) { try CronZone(name) }
        let text = fault?.description ?? ""
        #expect(text.hasPrefix("the zone is a name from /usr/share/zoneinfo, such as Europe/Berlin or UTC"))
        #expect(text.contains(end), "\(text)")
    }
}
