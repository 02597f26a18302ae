import Foundation
import PenstockModel
import PenstockQueue
import Testing

/// What `next` computes is what comes of looking at every minute, with the offsets that Foundation knows.
@Suite("Cron by brute force", .timeLimit(.minutes(5)))
struct CronBruteForceTests {
    struct Window: Sendable, CustomStringConvertible {
        let zone: String
        let start: String
        let seed: UInt64

        var description: String { "\(zone) from \(start), seed \(seed)" }
    }

    private static let windows: [Window] = [
        ("UTC", "2028-02-20"), ("Europe/Berlin", "2026-03-20"), ("Europe/Berlin", "2026-10-18"),
        ("America/New_York", "2026-02-26"), ("America/New_York", "2026-10-25"),
        ("Australia/Lord_Howe", "2026-03-28"), ("Australia/Lord_Howe", "2026-09-27"),
        ("Asia/Kathmandu", "2026-12-20"), ("America/St_Johns", "2026-03-01"),
    ].enumerated().map { Window(zone: $1.0, start: $1.1, seed: UInt64($0 + 1)) }

    @Test(arguments: windows)
    func `next is what a look at every minute finds`(_ window: Window) throws {
        var random = Sequence64(state: window.seed)
        let zone = try #require(TimeZone(identifier: window.zone))
        let begin = try #require(Timestamp(window.start + "T00:00:00Z")).microseconds / 1_000_000
        let minutes = (0..<14 * 1440).map { begin + Int64($0) * 60 }
        let locals = minutes.map {
            $0 + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval($0))))
        }
        for _ in 0..<25 {
            let fields = RandomFields(&random)
            let schedule = CronSchedule(try CronExpression(fields.text), in: try CronZone(window.zone))
            var expected: [Int64] = []
            // The first minute only says what the clocks showed before.
            var reached = locals[0]
            for (moment, local) in zip(minutes, locals).dropFirst() {
                if fields.isWildcard {
                    if fields.matches(local) { expected.append(moment) }
                } else if local > reached {
                    let passed = stride(from: reached + 60, through: local, by: 60)
                    if passed.contains(where: fields.matches) { expected.append(moment) }
                    reached = local
                }
            }
            var found: [Int64] = []
            var time = Timestamp(microseconds: begin * 1_000_000)
            while true {
                time = schedule.next(after: time)
                let second = time.microseconds / 1_000_000
                guard second <= minutes[minutes.count - 1] else { break }
                found.append(second)
            }
            #expect(found == expected, "\(fields.text) in \(window.zone)")
        }
    }

    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata",
        "Pacific/Chatham", "America/St_Johns", "Etc/GMT+5", "Pacific/Apia", "Asia/Tokyo", "Europe/Dublin",
    ])
    func `a zone's offsets are those that Foundation knows`(_ name: String) throws {
        let foundation = try #require(TimeZone(identifier: name))
        let zone = try CronZone(name)
        // Every 41 hours and some, from 1970 to 2100.
        for second in stride(from: 0, to: 4_102_444_800, by: 150_217) {
            let date = Date(timeIntervalSince1970: TimeInterval(second))
            let offset = zone.offset(at: Timestamp(microseconds: Int64(second) * 1_000_000))
            guard offset != foundation.secondsFromGMT(for: date) else { continue }
            Issue.record("\(name) at \(date): \(offset), not \(foundation.secondsFromGMT(for: date))")
            return
        }
    }
}

/// Five fields with what they mean, found without the parser.
private struct RandomFields {
    let text: String
    let isWildcard: Bool
    private let sets: [Set<Int64>]
    private let takesEitherDay: Bool

    init(_ random: inout Sequence64) {
        var texts: [String] = []
        var sets: [Set<Int64>] = []
        for (least, most) in [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)] {
            let first = Int.random(in: least...most, using: &random)
            let last = Int.random(in: first...most, using: &random)
            let step = Int.random(in: 1...5, using: &random)
            // Months are mostly all, or little would ever come true within the window.
            switch least == 1 && most == 12 ? 5 : Int.random(in: 0..<7, using: &random) {
            case 0:
                texts.append("\(first)")
                sets.append([Int64(first)])
            case 1:
                texts.append("\(first)-\(last)")
                sets.append(Set((first...last).map(Int64.init)))
            case 2:
                texts.append("\(first)-\(last)/\(step)")
                sets.append(Set(stride(from: first, through: last, by: step).map(Int64.init)))
            case 3:
                texts.append("\(last),\(first)")
                sets.append([Int64(first), Int64(last)])
            case 4:
                texts.append("*/\(step)")
                sets.append(Set(stride(from: least, through: most, by: step).map(Int64.init)))
            default:
                texts.append("*")
                sets.append(Set((least...most).map(Int64.init)))
            }
        }
        // Half of them at a fixed time, around the hours at which clocks are changed.
        if Bool.random(using: &random) {
            let (minute, hour) = (
                Int.random(in: 0...59, using: &random), Int.random(in: 0...3, using: &random)
            )
            texts[0] = "\(minute)"
            texts[1] = "\(hour)-\(hour + 1)"
            sets[0] = [Int64(minute)]
            sets[1] = [Int64(hour), Int64(hour + 1)]
        }
        text = texts.joined(separator: " ")
        isWildcard = texts[0].hasPrefix("*") || texts[1].hasPrefix("*")
        takesEitherDay = !texts[2].hasPrefix("*") && !texts[4].hasPrefix("*")
        self.sets = sets
    }

    func matches(_ local: Int64) -> Bool {
        guard sets[0].contains(local / 60 % 60), sets[1].contains(local / 3600 % 24) else { return false }
        let (_, month, day) = CivilDate.from(daysSince1970: local / 86_400)
        guard sets[3].contains(month) else { return false }
        let (byDay, byWeekday) = (sets[2].contains(day), sets[4].contains((local / 86_400 + 4) % 7))
        return takesEitherDay ? byDay || byWeekday : byDay && byWeekday
    }
}

/// The same numbers each time (SplitMix64).
private struct Sequence64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
