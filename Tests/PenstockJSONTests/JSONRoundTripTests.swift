import PenstockJSON
import Testing

struct JSONRoundTripTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "1000000000000000000000000000000", "1.0", "-0.0", "0.1", "1.50", "1e+16",
        "1E5",
        "1e400", "5e-324", "1.7976931348623157e+308", "0.30000000000000004", "1e-07", "NaN", "Infinity",
        "-Infinity", #""""#, #""a""#, #""\ud800""#, #""a\ud800\n\udfffé""#, #""\u0000\u001f\b\f\n\r\t\"\\/""#,
        "[]", "{}",
        "[[],{},[1,2,[3]]]", #"{"b":1,"a":{"c":[]}}"#, #"{"\ud800":1,"é":2}"#, #""😀 é ü 漢字""#,
    ])
    func `what is read is written as it was`(_ text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test func `a document is read`() throws {
        let json = try JSON(parsing: #" { "a" : [ 1 , 2.5 , "x\u00e9\ud83d\ude00" ] , "b" : null } "#)
        #expect(json == ["a": [1, 2.5, "xé😀"], "b": nil])
        #expect(json["a"]?[2]?.string == "xé😀")
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\" 1}", "01", "1.", "\"\u{1}\"", "nul", "[1 2]", "'a'", "1 1",
    ])
    func `what is no JSON is refused with the place`(_ text: String) throws {
        do {
            _ = try JSON(parsing: text)
            Issue.record("accepted \(text)")
        } catch { #expect(error.line == 1) }
    }
}
