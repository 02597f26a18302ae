import PenstockModel
import Testing

@testable import PenstockCLI

@Suite("Words for people")
struct WordsTests {
    @Test func `columns are aligned, and numbers stand right`() {
        var table = Table(["NAME", "COUNT#", "WHAT"])
        table.add(["a", "7", "x"])
        table.add(["long name", "1234567", "line\nbreak"])
        #expect(
            table.text == """
                NAME         COUNT  WHAT
                a                7  x
                long name  1234567  line break

                """)
    }

    @Test func `a card leaves out what there is not`() {
        var card = Card()
        card.add("a", "1")
        card.add("none", nil)
        card.add("longer", "two\nlines")
        #expect(card.text == "a       1\nlonger  two\n        lines\n")
    }

    @Test func `nothing that a terminal would obey is shown`() {
        var card = Card()
        card.add("error", "\u{1b}[31mred\u{9b}0m\u{7f}\nand more\r")
        #expect(card.text == "error   [31mred 0m \n       and more \n")
        let said = CapturedOutput.said { $0.complain("\u{1b}[31mred\u{7}\nand more") }
        #expect(said == "penstock:  [31mred \nand more\n")
    }

    @Test(arguments: [
        (Duration.milliseconds(350), "350ms"), (.seconds(12), "12s"), (.seconds(119), "119s"),
        (.seconds(120), "2m"), (.seconds(7200), "2h"), (.seconds(172_800), "2d"),
    ])
    func `lengths of time have one unit`(_ duration: Duration, _ text: String) {
        #expect(Ago.length(duration) == text)
    }

    @Test func `times are told from now`() {
        let now = Timestamp(microseconds: 1_000_000_000)
        #expect(Ago.text(now.advanced(by: .seconds(-3)), now: now) == "3s ago")
        #expect(Ago.text(now.advanced(by: .seconds(300)), now: now) == "in 5m")
        #expect(Ago.text(nil, now: now) == "")
    }
}
