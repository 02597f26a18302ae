import PenstockModel
import Testing

@testable import PenstockCheckpointers

/// Which write is copied next, and how many may wait.
struct FollowingLineTests {
    private let now = ContinuousClock.now

    private func line(writes: Int = 10, bytes: Int = 1_000) -> FollowingLine<String> {
        var limits = FollowingLimits()
        limits.writes = writes
        limits.bytes = bytes
        return FollowingLine(limits)
    }

    private func reserve(_ bytes: Int, in line: inout FollowingLine<String>) -> Bool { line.reserve(bytes) }

    private func begin(_ line: inout FollowingLine<String>) -> String? { line.begin()?.write }

    private func add(
        _ write: String, _ session: SessionID, to line: inout FollowingLine<String>, after seconds: Int = 0
    ) {
        #expect(reserve(10, in: &line))
        line.add(write, of: session, bytes: 10, now: now + .seconds(seconds))
    }

    @Test func `writes of a session go one by one and in order, sessions side by side`() {
        var line = line()
        for write in ["s1", "s2"] { add(write, "s", to: &line) }
        add("t1", "t", to: &line)
        #expect(begin(&line) == "s1")
        #expect(begin(&line) == "t1")
        #expect(begin(&line) == nil)
        line.end("s")
        #expect(begin(&line) == "s2")
        line.end("s")
        line.end("t")
        #expect(line.isEmpty)
        #expect(begin(&line) == nil)
    }

    @Test func `no more wait than there is room for, those included that are being made`() {
        var line = line(writes: 2)
        add("s1", "s", to: &line)
        #expect(reserve(10, in: &line))
        #expect(!reserve(10, in: &line))
        line.release(10)
        #expect(reserve(10, in: &line))
    }

    @Test func `bytes are counted, and a single write may have more`() {
        var line = line(bytes: 100)
        #expect(reserve(500, in: &line))
        #expect(!reserve(1, in: &line))
        line.release(500)
        #expect(reserve(60, in: &line))
        #expect(!reserve(60, in: &line))
    }

    @Test func `the lag is how many wait, of how many sessions, and how long the oldest has`() {
        var line = line()
        #expect(line.lag(now: now) == FollowingLag(writes: 0, sessions: 0, age: .zero))
        add("s1", "s", to: &line)
        add("s2", "s", to: &line, after: 1)
        add("t1", "t", to: &line, after: 2)
        #expect(line.lag(now: now + .seconds(3)) == FollowingLag(writes: 3, sessions: 2, age: .seconds(3)))
    }
}
