import PenstockJSON
import Testing

struct JSONNumberTests {
    @Test func `an integer of any length is an integer`() throws {
        let large = try #require(JSONNumber("1000000000000000000000000000000"))
        #expect(large.isInteger)
        #expect(large.int == nil)
        #expect(large.double == 1e30)
        #expect(large.integer(as: Int128.self) == 1_000_000_000_000_000_000_000_000_000_000)
        #expect(JSONNumber(UInt64.max).description == "18446744073709551615")
        #expect(JSONNumber("-0")?.int == 0)
        #expect(JSONNumber("-0")?.description == "-0")
        #expect(JSONNumber(Int.min).int == .min)
    }

    @Test(arguments: ["1.0", "-0.0", "1e5", "1E5", "1e400", "NaN", "-Infinity", "1.50"])
    func `a float is never an integer`(_ text: String) throws {
        let number = try #require(JSONNumber(text))
        #expect(!number.isInteger)
        #expect(number.int == nil)
        #expect(number.description == text)
    }

    @Test func `a float too large for a double is an infinity when asked as one`() {
        #expect(JSONNumber("1e400")?.double == .infinity)
        #expect(JSONNumber("-1e400")?.double == -.infinity)
        #expect(JSONNumber("1e-400")?.double == 0)
        #expect(JSONNumber("NaN")?.double.isNaN == true)
    }

    @Test(arguments: ["", " 1", "1 ", "\"1\"", "[1]", "1x", "0x1", "nan", "null", "01"])
    func `a text that spells no number makes none`(_ text: String) {
        #expect(JSONNumber(text) == nil)
    }

    private static let doubles: [(Double, String)] = [
        (1.0, "1.0"), (-1.0, "-1.0"), (0.1, "0.1"), (-0.0, "-0.0"), (1e15, "1000000000000000.0"),
        (9_999_999_999_999_998, "9999999999999998.0"), (1e16, "1e+16"), (-1e16, "-1e+16"),
        (12_345_678_901_234_568, "1.2345678901234568e+16"),
        (18_014_398_509_481_982, "1.8014398509481982e+16"),
        (18_014_398_509_481_984, "1.8014398509481984e+16"), (1e17, "1e+17"), (1e22, "1e+22"),
        (1e100, "1e+100"),
        (0.0001, "0.0001"), (0.00012, "0.00012"), (0.00001, "1e-05"), (0.000012, "1.2e-05"), (1e-7, "1e-07"),
        (19.99, "19.99"), (-123_456.789, "-123456.789"), (0.1 + 0.2, "0.30000000000000004"),
        (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        (.pi, "3.141592653589793"), (1 / 3, "0.3333333333333333"), (100_000.000001, "100000.000001"),
        (999_999_999.999999, "999999999.999999"), (2_251_799_813_685_249.5, "2251799813685249.5"),
    ]

    @Test(arguments: doubles)
    func `a double is written as Python writes it`(_ value: Double, _ text: String) throws {
        #expect(value.exactText == text)
        #expect(JSON(value).text == text)
        #expect(JSONNumber(value).description == text)
        #expect(try JSON(parsing: text) == JSON(value))
    }
}
