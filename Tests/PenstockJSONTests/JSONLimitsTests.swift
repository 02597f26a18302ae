import PenstockJSON
import Testing

struct JSONLimitsTests {
    private func kind(_ text: [UInt8], _ limits: JSONLimits) -> JSONError.Kind? {
        do {
            _ = try JSON(parsing: text, limits: limits)
            return nil
        } catch { return error.kind }
    }

    private func nested(_ depth: Int, _ opening: String = "[", _ closing: String = "]") -> [UInt8] {
        Array((String(repeating: opening, count: depth) + String(repeating: closing, count: depth)).utf8)
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":[", "[1,"])
    func `a text that nests without end is refused, not run into`(_ opening: String) {
        let text = Array(String(repeating: opening, count: 100_000).utf8)
        #expect(kind(text, .stored) == .tooDeep)
        #expect(kind(text, JSONLimits(depth: .max)) == .tooDeep)
    }

    @Test func `as many levels as allowed are read`() throws {
        #expect(kind(nested(128), .message(bytes: nil)) == nil)
        #expect(kind(nested(129), .message(bytes: nil)) == .tooDeep)
        #expect(kind(nested(JSONLimits.deepest), .stored) == nil)
        #expect(kind(nested(JSONLimits.deepest + 1), .stored) == .tooDeep)
        #expect(kind(nested(0) + Array("1".utf8), JSONLimits(depth: 0)) == nil)
        #expect(kind(nested(1), JSONLimits(depth: 0)) == .tooDeep)
        #expect(kind(nested(2, "{\"a\":", "1}"), JSONLimits(depth: 1)) == .tooDeep)
    }

    @Test func `what is too long is refused before it is read`() {
        #expect(kind(Array("[1,2]".utf8), JSONLimits(bytes: 5)) == nil)
        #expect(kind(Array("[1,2] ".utf8), JSONLimits(bytes: 5)) == .tooLong)
    }

    @Test func `a key that stands twice is refused by name where asked`() throws {
        let strict = JSONLimits(duplicateKeys: .refuse)
        #expect(kind(Array(#"{"a":1,"b":{"a":1},"a":2}"#.utf8), strict) == .duplicateKey("a"))
        #expect(kind(Array(#"{"\u0061\n":1,"a\n":2}"#.utf8), strict) == .duplicateKey("a\n"))
        #expect(kind(Array(#"{"a":{"b":1},"b":{"a":1}}"#.utf8), strict) == nil)
        #expect(kind(Array(#"{"":1,"":2}"#.utf8), strict) == .duplicateKey(""))
        do {
            _ = try JSON(parsing: "{\"flow\":1,\n\"flow\":2}", limits: strict)
            Issue.record("accepted")
        } catch {
            #expect(
                error.description
                    == "expected each key once, found \"flow\" again at line 2, column 1 (byte 11)")
        }
    }

    @Test(arguments: [2, 15, 16, 17, 18, 40, 1000])
    func `a repeated key is found among any number of keys`(_ count: Int) throws {
        let members = (0..<count).map { "\"key\($0)\":\($0)" }
        for again in Set([0, count / 2, count - 1]) {
            let text = Array("{\(members.joined(separator: ",")),\"key\(again)\":-1,\"z\":0}".utf8)
            #expect(kind(text, JSONLimits(duplicateKeys: .refuse)) == .duplicateKey("key\(again)"))
            let object = try #require(try JSON(parsing: text).object)
            #expect(object.count == count + 1)
            #expect(object["key\(again)"] == -1)
            #expect(object.keys == (0..<count).map { "key\($0)" } + ["z"])
        }
    }

    @Test(arguments: ["NaN", "Infinity", "-Infinity"])
    func `what only Python takes for a number is refused in a message`(_ text: String) {
        #expect(kind(Array(text.utf8), .message(bytes: nil)) == .syntax)
        #expect(kind(Array(text.utf8), .stored) == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a hundred thousand keys are read in linear time`() throws {
        // The same length, first and last byte, so that nothing but the whole key tells them apart.
        let members = (100_000..<200_000).map { "\"k\($0)k\":\($0)" }
        let text = "{\(members.joined(separator: ","))}"
        let strict = JSONLimits(duplicateKeys: .refuse)
        let object = try #require(try JSON(parsing: text, limits: strict).object)
        #expect(object.count == 100_000)
        #expect(object["k123456k"] == 123_456)
        #expect(object["k99999k"] == nil)
        #expect(JSON.object(object).text == text)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a dictionary with many keys is written and read in linear time`() throws {
        let many = Dictionary(uniqueKeysWithValues: (10_000..<30_000).map { ("k\($0)k", $0) })
        let bytes = try ExactJSONEncoder().encode(many)
        #expect(try ExactJSONDecoder().decode([String: Int].self, from: bytes) == many)
    }

    @Test func `a long string is read and written`() throws {
        let long = String(repeating: "0123456789 ü\n", count: 1_000_000)
        let json = JSON.string(long)
        #expect(json.bytes.count > 10_000_000)
        #expect(try JSON(parsing: json.bytes) == json)
    }
}
