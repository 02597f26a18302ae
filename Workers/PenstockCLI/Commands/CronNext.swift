import Penstock
import PenstockJSON
import PenstockModel
import PenstockQueue

extension Command {
    static let cronNext = Command(
        name: "cron next",
        summary: "print the coming times of a cron entry, or of an expression",
        words: [Word(name: "NAME|EXPRESSION")],
        flags: [
            Flag("zone", .required("ZONE"), "the time zone of an expression (default: UTC)"),
            Flag("count", .required("N"), "how many times (default: 5)"),
            Flag("after", .required("TIME"), "from when on, as 2026-01-02T03:04:05Z (default: now)"),
        ],
        settings: [.redis],
        printsData: true,
        notes: """
            An expression needs no Redis.

              penstock cron next '30 2 * * *' --zone Europe/Berlin --after 2026-03-28T00:00:00Z
              penstock cron next nightly
            """
    ) { invocation in
        let schedule = try await invocation.schedule()
        var time = try invocation.time("after") ?? WallClock.system.now()
        var table = Table(["LOCAL", "UTC"])
        var list: [JSON] = []
        for _ in 0..<(try invocation.count("count", otherwise: 5)) {
            time = schedule.next(after: time)
            let local = time.text(east: schedule.zone.offset(at: time))
            table.add([local, time.text(east: nil)])
            list.append(["local": JSON(local), "utc": JSON(time.text(east: nil))])
        }
        invocation.output.list(.array(list), table, orElse: "never")
        return .done
    }
}

extension Invocation {
    fileprivate func schedule() async throws -> CronSchedule {
        let text = word(0)
        // No name holds either.
        if text.hasPrefix("@") || text.contains(where: \.isWhitespace) {
            return CronSchedule(
                try CronExpression(text), in: try arguments["zone"].map { try CronZone($0) } ?? .utc)
        }
        guard arguments["zone"] == nil else {
            throw Failure.misused("--zone is for an expression: the entry \"\(text)\" has a zone of its own")
        }
        let name: CronName = try identifier(0)
        return try await withQueue { try await $0.knownCron(name).entry.get().schedule }
    }
}

extension Timestamp {
    /// To the second, as clocks show it so many seconds east of UTC; `nil` for UTC itself: `2026-03-29T03:00:00+02:00`.
    fileprivate func text(east offset: Int64?) -> String {
        guard let offset else { return "\(description.prefix(19))Z" }
        let shown = Timestamp(microseconds: microseconds + offset * 1_000_000).description.prefix(19)
        let minutes = Int(offset.magnitude / 60)
        func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(shown)\(offset < 0 ? "-" : "+")\(digits(minutes / 60)):\(digits(minutes % 60))"
    }
}
