import Testing

@testable import PenstockCheckpointers

struct JSONMemberTests {
    @Test(arguments: [
        (#"{"state": {"a": 1.0 , "b":[ 2 ]} }"#, #"{"a": 1.0 , "b":[ 2 ]}"#),
        (#"{"a":"\"state\": 1, {","state":  {} ,"b":2}"#, "{}"),
        (#"{"a":{"state":1},"b":[{"state":2}],"state":3}"#, "3"),
        (#"{"a":"state","state":"x,\\"}"#, #""x,\\""#),
        (#"{"state":1,"state":[2]}"#, "[2]"),
        (#"{"b":{"state":1}}"#, nil),
        ("{}", nil),
    ])
    func `the value of a key is found as it stands`(_ json: String, _ expected: String?) {
        let text = JSONMember.text(of: "state", in: Array(json.utf8))
        #expect(text.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
}
