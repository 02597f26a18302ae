import Testing

@testable import PenstockPlatform

struct ChildOutputTests {
    @Test func `collected output may fill its limit and not one byte more`() {
        var output = ChildOutput.collected([], limit: 3)
        #expect(output.take([1, 2, 3], isAsked: false) == .more)
        #expect(output.bytes == [1, 2, 3])
        #expect(output.take([4], isAsked: false) == .tooLarge(limit: 3))
    }

    @Test func `an answer may come in pieces`() {
        var output = ChildOutput.answers([], limit: 10)
        #expect(output.take([1, 2], isAsked: true) == .more)
        #expect(output.take([3, 10], isAsked: true) == .answer([1, 2, 3]))
        #expect(output.take([10], isAsked: true) == .answer([]))
    }

    @Test func `the limit of an answer counts without its line feed`() {
        var output = ChildOutput.answers([], limit: 2)
        #expect(output.take([1, 2, 10], isAsked: true) == .answer([1, 2]))
        #expect(output.take([1, 2, 3, 10], isAsked: true) == .tooLarge(limit: 2))
    }

    @Test func `what comes behind an answer, or before a question, was not asked for`() {
        var output = ChildOutput.answers([], limit: 10)
        #expect(output.take([1, 10, 2], isAsked: true) == .unasked([1, 10, 2]))
        var other = ChildOutput.answers([], limit: 10)
        #expect(other.take([1], isAsked: false) == .unasked([1]))
    }
}
