import PenstockJSON
import Testing

struct JSONParsingTests {
    @Test(arguments: JSONCorpus.unchanged)
    func `what is read is written as it was`(_ text: String) throws {
        #expect(Array(try JSON(parsing: text).text.utf8) == Array(text.utf8))
        let nested = #"{"x":[\#(text),\#(text)],"y":\#(text)}"#
        #expect(try JSON(parsing: nested).bytes == Array(nested.utf8))
    }

    @Test(arguments: JSONCorpus.plainer)
    func `escapes and spaces that say nothing are not kept`(_ text: String, _ plain: String) throws {
        #expect(try JSON(parsing: text).bytes == Array(plain.utf8))
    }

    @Test(arguments: JSONCorpus.bad)
    func `what is no JSON is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(throws: JSONError.self) { try JSON(parsing: "{\"a\":\(text)", limits: .message(bytes: nil)) }
    }

    @Test(arguments: JSONCorpus.unchanged)
    func `a text that is cut off is refused`(_ text: String) {
        let bytes = Array("[\(text)]".utf8)
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(bytes[..<length])) }
        }
    }

    @Test(arguments: JSONCorpus.notUTF8)
    func `a string that is no UTF-8 is refused`(_ bytes: [UInt8]) {
        let quoted = Array("\"".utf8) + bytes + Array("\"".utf8)
        let escaped = Array("\"\\n".utf8) + bytes + Array("\"".utf8)
        let key = Array("{".utf8) + quoted + Array(":1}".utf8)
        for text in [quoted, escaped, key] {
            do {
                _ = try JSON(parsing: text)
                Issue.record("accepted \(text)")
            } catch {
                #expect(error.kind == .encoding)
            }
        }
        #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
    }

    private static let sentences: [(String, String)] = [
        ("[1,]", "expected a value, found ']' at line 1, column 4 (byte 3)"),
        ("{\n  \"é\": tru\n}", "expected a value, found 't' at line 2, column 8 (byte 10)"),
        ("[1 2]", "expected ',' or ']', found '2' at line 1, column 4 (byte 3)"),
        ("{\"a\":1", "expected ',' or '}', found the end at line 1, column 7 (byte 6)"),
        ("{a:1}", "expected a key in quotes, found 'a' at line 1, column 2 (byte 1)"),
        ("{\"a\",1}", "expected ':', found ',' at line 1, column 5 (byte 4)"),
        ("{'a':1}", "expected a key in quotes, found an apostrophe at line 1, column 2 (byte 1)"),
        ("", "expected a value, found the end at line 1, column 1 (byte 0)"),
        ("1 x", "expected the end, found 'x' at line 1, column 3 (byte 2)"),
        ("012", "a number must not start with 0, found '0' at line 1, column 1 (byte 0)"),
        ("1.", "expected a digit, found the end at line 1, column 3 (byte 2)"),
        (
            "\"\\x\"",
            "expected an escape (one of \" \\ / b f n r t u), found 'x' at line 1, column 3 (byte 2)"
        ),
        ("\"\\u12\"", "expected four hexadecimal digits, found '\"' at line 1, column 6 (byte 5)"),
        (
            "\"a\tb\"",
            "a control character in a string must be escaped, found the byte 0x09 at line 1, column 3 (byte 2)"
        ), ("\"abc", "expected the string's closing quote, found the end at line 1, column 5 (byte 4)"),
        ("\u{FEFF}1", "expected a value, found a byte order mark at line 1, column 1 (byte 0)"),
        ("[é]", "expected a value, found 'é' at line 1, column 2 (byte 1)"),
        ("[\u{0}]", "expected a value, found the byte 0x00 at line 1, column 2 (byte 1)"),
    ]

    @Test(arguments: sentences)
    func `an error says what was expected and what came`(_ text: String, _ sentence: String) {
        do {
            _ = try JSON(parsing: text)
            Issue.record("accepted \(text)")
        } catch {
            #expect(error.description == sentence)
        }
    }

    @Test func `an error names the byte that is no UTF-8`() {
        do {
            _ = try JSON(parsing: Array("[\n\"ab\u{e9}".utf8) + [0xFF] + Array("\"]".utf8))
            Issue.record("accepted")
        } catch {
            #expect(error.description == "expected UTF-8, found the byte 0xFF at line 2, column 5 (byte 7)")
        }
    }

    @Test func `bytes are read from wherever they are`() throws {
        let bytes = Array("x[1,\"a\"]x".utf8)
        let expected: JSON = [1, "a"]
        #expect(try JSON(parsing: bytes[1..<8]) == expected)
        #expect(try JSON(parsing: bytes.span.extracting(1..<8)) == expected)
        #expect(
            try bytes[1..<8].withUnsafeBufferPointer { try JSON(parsing: $0, limits: .stored) } == expected)
        #expect(throws: JSONError.self) { try JSON(parsing: [UInt8]()) }
        #expect(throws: JSONError.self) { try JSON(parsing: UnsafeBufferPointer(start: nil, count: 0)) }
    }

    @Test func `nothing is read beyond the end`() throws {
        for text in ["\"abcdefgh\"", "{\"a\":1}", "true", "[1]", "\"\\ud800\"", "-Infinity"] {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count {
                // What follows would complete the text.
                bytes.withUnsafeBufferPointer { whole in
                    let part = UnsafeBufferPointer(rebasing: whole[..<length])
                    #expect(throws: JSONError.self) { try JSON(parsing: part) }
                }
            }
        }
    }
}
