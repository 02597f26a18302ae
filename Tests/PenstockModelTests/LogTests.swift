import PenstockJSON
import PenstockModel
import Synchronization
import Testing

@Suite struct LogTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func log(_ format: LogSink.Format, _ lines: Lines, level: Log.Level = .info) -> Log {
        let clock = WallClock { Timestamp(microseconds: 1_767_323_045_678_901) }
        return Log(
            to: LogSink(level: level, format: format, clock: clock) { line in
                lines.all.withLock { $0.append(line) }
            })
    }

    @Test func `a line of text is one line, whatever its values hold`() {
        let lines = Lines()
        log(.text, lines).with(["job": "7", "none": nil]).warning("lost\nit", ["why": "a \u{1b}[31m reason"])
        #expect(
            lines.all.withLock { $0 } == ["03:04:05.678 warning: lost\\nit  job=7 why=\"a ?[31m reason\"\n"])
    }

    @Test func `a line of JSON is an object with all fields`() throws {
        let lines = Lines()
        log(.json, lines).with(["job": "7"]).info("said \"hi\"")
        let line = try #require(lines.all.withLock { $0.first })
        let object = try JSON(parsing: Array(line.utf8.dropLast())).object
        #expect(object?["event"]?.string == "said \"hi\"")
        #expect(object?["job"]?.string == "7")
        #expect(object?["level"]?.string == "info")
        #expect(object?["time"]?.string == "2026-01-02T03:04:05.678901+00:00")
    }

    @Test func `what is below its level is not written`() {
        let lines = Lines()
        log(.text, lines, level: .warning).info("no")
        #expect(lines.all.withLock { $0.isEmpty })
    }
}
