import PenstockModel
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["a", "user-42:chat.session_1", String(repeating: "x", count: 255)])
    func `takes what fits`(_ text: String) throws {
        #expect(try SessionID(checking: text).text == text)
    }

    @Test(arguments: [
        "", "a b", "a/b", "a\n", "ä", "a\0", "session?id=1", "../x", String(repeating: "x", count: 256),
    ])
    func `refuses the rest with a sentence that shows it`(_ text: String) {
        let error = #expect(throws: IdentifierError.self) { try SessionID(checking: text) }
        #expect(error?.description.hasPrefix("a session id is 1 to 255 of the characters A-Z") == true)
    }

    @Test func `a name of a node is shorter than a session id`() {
        #expect(NodeName.accepts(String(repeating: "n", count: 100)))
        #expect(!NodeName.accepts(String(repeating: "n", count: 101)))
    }
}

@Suite struct UUIDv7Tests {
    @Test func `ids grow, with a clock that stands still or steps back too`() {
        let times: [Int64] = [5_000_000, 5_000_000, 4_000_000, 6_000_000]
        let clock = CountingClock(times)
        let source = UUIDv7Source(clock: WallClock { clock.next() })
        var ids: [String] = []
        for _ in 0..<10_000 { ids.append(source.next()) }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
    }

    @Test func `an id has the version and the variant of RFC 9562`() {
        let id = Array(UUIDv7Source.shared.next())
        #expect(id.count == 36)
        #expect(id[14] == "7")
        #expect("89ab".contains(id[19]))
        #expect([8, 13, 18, 23].allSatisfy { id[$0] == "-" })
    }
}
