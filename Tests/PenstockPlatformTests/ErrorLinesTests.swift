import Testing

@testable import PenstockPlatform

struct ErrorLinesTests {
    private let start = ContinuousClock.now

    @Test func `a line may come in pieces`() {
        #expect(forwarded(["on", "e\r\ntw", "o"]) == ["one", "two"])
    }

    @Test func `a long line is cut and says by how much`() {
        var limits = ChildLimits()
        limits.errorLineBytes = 3
        #expect(forwarded(["abc", "de\nf\n"], limits) == ["abc… (2 more bytes)", "f"])
    }

    @Test func `what is beyond the budget is counted, and the budget comes back with time`() {
        var limits = ChildLimits()
        limits.errorBurstBytes = 130
        limits.errorBytesPerSecond = 65
        var errors = ErrorLines(limits: limits, now: start)
        var lines: [String] = []
        errors.take(Array("1\n2\n3\n4\n".utf8)[...], now: start) { lines.append($0) }
        #expect(lines == ["1", "2"])
        errors.take(Array("5\n".utf8)[...], now: start + .seconds(1)) { lines.append($0) }
        #expect(lines == ["1", "2", "(2 lines of standard error were left out here)", "5"])
    }

    @Test func `the tail is made of whole lines`() {
        var limits = ChildLimits()
        limits.errorTailBytes = 10
        var errors = ErrorLines(limits: limits, now: start)
        errors.take(Array("first\nsecond\nthird\n".utf8)[...], now: start) { _ in }
        #expect(errors.tailText == "third")
    }

    @Test func `the tail of one endless line is its end`() {
        var limits = ChildLimits()
        limits.errorTailBytes = 4
        var errors = ErrorLines(limits: limits, now: start)
        errors.take(Array("abcdef".utf8)[...], now: start) { _ in }
        #expect(errors.tailText == "cdef")
    }

    private func forwarded(_ pieces: [String], _ limits: ChildLimits = ChildLimits()) -> [String] {
        var errors = ErrorLines(limits: limits, now: start)
        var lines: [String] = []
        for piece in pieces { errors.take(Array(piece.utf8)[...], now: start) { lines.append($0) } }
        errors.close { lines.append($0) }
        return lines
    }
}
