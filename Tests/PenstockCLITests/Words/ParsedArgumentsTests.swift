import Penstock
import Testing

@Suite("Command lines")
struct ParsedArgumentsTests {
    private let known = [
        Flag("slots", .required("N"), ""), Flag("json", .none, ""),
        Flag("wait", .optionalNumber("SECONDS"), ""), Flag("input", .required("JSON"), ""),
    ]

    private func parse(_ arguments: String...) throws(ArgumentFault) -> ParsedArguments {
        try ParsedArguments(arguments, known: known)
    }

    @Test func `a value stands behind its flag, or after an equals sign`() throws {
        #expect(try parse("--slots", "3", "a")["slots"] == "3")
        #expect(try parse("--slots=3", "a").words == ["a"])
        #expect(try parse("--input={\"a\":\"b=c\"}")["input"] == "{\"a\":\"b=c\"}")
    }

    @Test func `words and flags may stand in any order`() throws {
        let parsed = try parse("a", "--json", "b")
        #expect(parsed.words == ["a", "b"])
        #expect(parsed.has("json"))
    }

    @Test func `behind two hyphens everything is a word`() throws {
        #expect(try parse("--", "--json", "-x").words == ["--json", "-x"])
    }

    @Test func `a lone hyphen is a word, and a value`() throws {
        #expect(try parse("-").words == ["-"])
        #expect(try parse("--input", "-")["input"] == "-")
    }

    @Test func `only a number is taken for a value that may be left out`() throws {
        #expect(try parse("--wait", "a") == parse("a", "--wait"))
        #expect(try parse("--wait", "2.5")["wait"] == "2.5")
        #expect(try parse("--wait")["wait"] == "")
    }

    @Test func `of a flag that stands twice the last counts`() throws {
        #expect(try parse("--slots", "3", "--slots", "4")["slots"] == "4")
    }

    @Test(arguments: [
        (["--slot", "3"], "there is no --slot here; did you mean --slots?"),
        (["-slots", "3"], "there is no -slots here; did you mean --slots?"),
        (["--jsno"], "there is no --jsno here; did you mean --json?"),
        (["--frobnicate"], "there is no --frobnicate here"),
        (["--slots"], "--slots needs a value: --slots N"),
        (["--slots", "--json"], "--slots needs a value: --slots N"),
    ])
    func `what cannot be understood is refused with a sentence`(_ arguments: [String], _ sentence: String)
        throws
    {
        let fault = try #require(throws: ArgumentFault.self) {
            try ParsedArguments(arguments, known: known)
        }
        #expect(fault.description == sentence)
    }
}
