import PenstockJSON
import PenstockModel
import PenstockQueue
import Testing

private let trace = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

@Suite struct JobMessageTests {
    private func read(_ text: String, maxBytes: Int = 1 << 20) throws(MessageFault) -> JobMessage {
        try JobMessage(parsing: Array(text.utf8), maxBytes: maxBytes)
    }

    @Test func `every key is read, and what is missing has its default`() throws {
        let full = try read(
            #"""
            {"v":1,"flow":"greet","id":"7","session_id":"user-1","input":{"name":"Ada"},"max_attempts":3,
             "timeout_seconds":1.5,"not_before":"2026-01-02T03:04:05Z","expires_at":"2026-01-02T04:04:05+01:00",
             "on_busy":"park","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","metadata":{"tenant":9}}
            """#)
        #expect(full.flow == "greet" && full.id == "7" && full.session == "user-1")
        #expect(full.input?["name"]?.string == "Ada")
        #expect(full.maxAttempts == 3 && full.timeout == .seconds(1.5))
        #expect(full.notBefore == Timestamp("2026-01-02T03:04:05Z"))
        #expect(full.expiresAt == Timestamp("2026-01-02T03:04:05Z"))
        #expect(full.traceparent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        #expect(full.metadata["tenant"]?.int == 9)

        let bare = try read(#"{"flow":"greet","id":"7"}"#)
        #expect(bare.session.text == "7")
        #expect(bare.input == nil && bare.timeout == nil && bare.notBefore == nil && bare.expiresAt == nil)
        #expect(bare.maxAttempts == nil)
        #expect(bare.metadata.isEmpty)
        #expect(try read(#"{"flow":"greet","id":"7","input":null}"#).input == nil)
    }

    @Test(arguments: [
        (#"{"flow":"f","id":"1","inputs":{}}"#, #"the key "inputs" is unknown; did you mean "input"?"#),
        (
            #"{"flow":"f","id":"1","sessionid":"s"}"#,
            #"the key "sessionid" is unknown; did you mean "session_id"?"#
        ),
        (#"{"flow":"f","id":"1","zebra":1}"#, #"the key "zebra" is unknown"#),
        (
            #"{"flow":"f","id":"1","unique_key":""}"#,
            #""unique_key" is a text of 1 to 255 bytes, not of 0"#
        ),
        (#"{"flow":"f","id":"1","answers":{}}"#, #"the key "answers" is not supported by this version"#),
        (#"{"id":"1"}"#, #"the message has no "flow": which flow to run"#),
        (#"{"flow":"f"}"#, #"the message has no "id""#),
        (#"{"flow":7,"id":"1"}"#, #""flow" is a string, not 7"#),
        (#"{"flow":"f","id":null}"#, #""id" is a string, not null"#),
        (#"{"flow":"f","id":["a"]}"#, #""id" is a string, not ["a"]"#),
        (#"{"flow":"f","id":"1","input":[]}"#, #""input" is an object or null, not []"#),
        (#"{"flow":"f","id":"1","metadata":null}"#, #""metadata" is an object, not null"#),
        (#"{"flow":"f","id":"1","max_attempts":0}"#, #""max_attempts" is an integer of at least 1, not 0"#),
        (
            #"{"flow":"f","id":"1","max_attempts":1.5}"#,
            #""max_attempts" is an integer of at least 1, not 1.5"#
        ),
        (
            #"{"flow":"f","id":"1","max_attempts":"3"}"#,
            #""max_attempts" is an integer of at least 1, not "3""#
        ),
        (
            #"{"flow":"f","id":"1","max_attempts":99999999999999999999}"#,
            #""max_attempts" is an integer of at least 1, not 99999999999999999999"#
        ),
        (
            #"{"flow":"f","id":"1","timeout_seconds":0}"#,
            #""timeout_seconds" is a number of seconds above 0 and up to 315360000, not 0"#
        ),
        (
            #"{"flow":"f","id":"1","timeout_seconds":1e400}"#,
            #""timeout_seconds" is a number of seconds above 0 and up to 315360000, not 1e400"#
        ),
        (
            #"{"flow":"f","id":"1","not_before":"tomorrow"}"#,
            #""not_before" is a time such as "2026-01-02T03:04:05Z" (RFC 3339), not "tomorrow""#
        ),
        (
            #"{"flow":"f","id":"1","not_before":"2030-01-01T00:00:00Z","expires_at":"2029-01-01T00:00:00Z"}"#,
            #""expires_at" is a time after "not_before", not one before it: it could never start"#
        ),
        (#"{"flow":"f","id":"1","expires_at":1700000000}"#, #""expires_at" is a string, not 1700000000"#),
        (
            #"{"flow":"f","id":"1","on_busy":"wait"}"#,
            #""on_busy" is "park" or "reject", not "wait""#
        ),
        (#"{"flow":"f","id":"1","v":"1"}"#, #""v" is an integer of at least 1, not "1""#),
        (#"["flow"]"#, "a message is a JSON object, not an array"),
        ("7", "a message is a JSON object, not an integer"),
    ])
    func `a message that is no job is refused with one sentence`(_ text: String, _ sentence: String) {
        #expect(throws: MessageFault.refused(sentence)) { try read(text) }
    }

    @Test(arguments: [
        "", "   ", "no JSON", #"{"flow":"f""#, #"{"flow":"f","id":"1"}x"#,
        #"{"flow":"f","id":"1","input":{"n":NaN}}"#,
        #"{"flow":"f","id":"1","input":{"n":Infinity}}"#, #"{"flow":"f","id":"1","input":{"n":0x10}}"#,
        #"{"flow":"f","id":"1","input":{"n":01}}"#, #"{'flow':'f'}"#, "{\"flow\":\"f\",\"id\":\"1\u{0}\"}",
        #"{"flow":"f","id":"1",}"#, #"{"flow":"f","id":"1","id":"2"}"#,
        #"{"flow":"f","id":"1","\u0069d":"1"}"#,
        #"{"flow":"f","id":"1","metadata":{"a":1,"a":2}}"#, "\u{FEFF}{\"flow\":\"f\",\"id\":\"1\"}",
        #"{"flow":"f","id":"1","input":{"deep":\#(String(repeating: "[", count: 200) + String(repeating: "]", count: 200))}}"#,
    ])
    func `what is no JSON, or not each key once, is refused`(_ text: String) {
        #expect {
            try read(text)
        } throws: { error in
            guard case MessageFault.refused(let sentence) = error else { return false }
            return sentence.hasPrefix("the message is no JSON: ")
        }
    }

    @Test(arguments: ["00-\(trace)", "cc-\(trace)", "cc-\(trace)-what-comes"])
    func `a trace context is taken as it came`(_ text: String) throws {
        #expect(try read(#"{"flow":"f","id":"1","traceparent":"\#(text)"}"#).traceparent == text)
    }

    @Test(arguments: [
        "", "x", trace, "ff-\(trace)", "00-\(trace)-more", "00-\(trace.uppercased())", "0-\(trace)",
        "00-\(trace)0",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "cc-\(trace)more",
    ])
    func `what is no trace context is refused`(_ text: String) {
        #expect(
            throws: MessageFault.refused(
                "\"traceparent\" is a W3C trace context such as "
                    + "\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\", not \"\(text.prefix(60))\""
            )
        ) { try read(#"{"flow":"f","id":"1","traceparent":"\#(text)"}"#) }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        let bytes =
            Array(#"{"flow":"f","id":"1","input":{"name":""#.utf8) + [0xC3, 0x28] + Array(#""}}"#.utf8)
        #expect(throws: MessageFault.self) { try JobMessage(parsing: bytes, maxBytes: 1000) }
    }

    @Test func `a message that is too large is refused with its size`() {
        #expect(
            throws: MessageFault.refused("the message has 22 bytes, more than the 21 that are allowed")
        ) { try read(#"{"flow":"f","id":"12"}"#, maxBytes: 21) }
    }

    @Test func `a later version of the format is told apart, whatever else stands in the message`() {
        #expect(throws: MessageFault.newer(version: 2)) {
            try read(#"{"flow":"f","id":"1","v":2,"priority":9}"#)
        }
        #expect(throws: MessageFault.newer(version: 3)) { try read(#"{"v":3}"#) }
    }

    @Test(arguments: ["", "a b", "ü", "a/b", "a\\nb", String(repeating: "x", count: 256)])
    func `an identifier is 1 to 255 plain characters`(_ text: String) {
        #expect(throws: MessageFault.self) { try read(#"{"flow":"f","id":"\#(text)"}"#) }
        #expect(throws: MessageFault.self) { try read(#"{"flow":"f","id":"1","session_id":"\#(text)"}"#) }
    }

    @Test func `a flow's name has at most 100 characters`() throws {
        let name = String(repeating: "x", count: 100)
        #expect(try read(#"{"flow":"\#(name)","id":"1"}"#).flow.text == name)
        #expect(throws: MessageFault.self) { try read(#"{"flow":"\#(name)x","id":"1"}"#) }
    }
}
