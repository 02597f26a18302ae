import PenstockModel
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2026-01-02T03:04:05.678901+00:00", 1_767_323_045_678_901 as Int64),
        ("2026-01-02 03:04:05.678901", 1_767_323_045_678_901),
        ("2026-01-02T03:04:05Z", 1_767_323_045_000_000),
        ("2026-01-02T10:04:05.6+07:00", 1_767_323_045_600_000),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000),
        ("2026-01-02T03:04:05.678901999Z", 1_767_323_045_678_901),
    ])
    func `reads what RFC 3339, Python and SQLite write`(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "tomorrow",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zz", "2026-1-1T00:00:00Z", "2026-01-01T00:00:00+25:00",
    ])
    func `refuses what is no time`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(arguments: [0, -1, 1_767_323_045_678_901, 951_782_400_000_000, 253_402_300_799_999_999] as [Int64])
    func `writes what it reads`(_ microseconds: Int64) {
        let time = Timestamp(microseconds: microseconds)
        #expect(Timestamp(time.description) == time)
        #expect(Timestamp(time.sqliteText) == time)
        #expect(time.sqliteText.count == 26)
    }
}

@Suite struct RetryPolicyTests {
    @Test func `the bound of the wait doubles up to its limit`() {
        let policy = RetryPolicy.exponential(maxAttempts: 9, firstDelay: .seconds(1), maxDelay: .seconds(5))
        let bounds = (1...4).map { policy.delay(beforeRetry: $0, drawn: 1) }
        #expect(bounds == [.seconds(1), .seconds(2), .seconds(4), .seconds(5)])
        #expect(policy.delay(beforeRetry: 1_000_000, drawn: 0.5) == .milliseconds(2500))
        #expect(policy.delay(beforeRetry: 3, drawn: 0) == .zero)
    }

    @Test func `without jitter the wait is the bound`() {
        #expect(RetryPolicy.constant(maxAttempts: 3, delay: .seconds(2)).delay(beforeRetry: 2) == .seconds(2))
    }
}

@Suite struct NearestTests {
    @Test(arguments: [("sesion_id", "session_id"), ("flwo", "flow"), ("Input", "input")])
    func `finds what was meant`(_ typed: String, _ meant: String) {
        #expect(Nearest.candidate(to: typed, among: ["flow", "session_id", "input"]) == meant)
    }

    @Test func `suggests nothing that is far off`() {
        #expect(Nearest.suggestion(for: "colour", among: ["flow", "session_id", "input"]) == "")
    }
}
