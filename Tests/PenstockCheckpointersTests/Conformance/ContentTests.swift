import PenstockModel
import Testing

/// States that careless readers and writers of JSON damage.
private let delicateStates = [
    "{}",
    #"{"float": 1.0, "minus": -0.0, "tiny": 5e-324, "e": 1E+2, "repr": 0.30000000000000004}"#,
    #"{"int":9223372036854775808,"long":100000000000000000000000000000000000001}"#,
    #"{"nan": NaN, "up": Infinity, "down": -Infinity}"#,
    #"{"half": "\ud800", "pair": "\ud83d\ude00", "upper": "\u00E9", "null": "\u0000", "slash": "\/"}"#,
    #"{"__type__": "Message", "__module__": "llmfy.messages", "data": {"id": 1, "tool_calls": null}}"#,
    "{ \"spaces\" :\t[ 1 ,\n 2 ]\r\n}",
    #"{"raw":"é 😀 日本語 ‮ \\ \" \n","ключ":[[],{},""]}"#,
    #"{"state":"{\"state\":\"\"}","step":7,"epoch":"x","metadata":{"next":null}}"#,
]

@Suite(.timeLimit(.minutes(1)))
struct ContentTests {
    @Test(arguments: Drivers.checkpointers)
    func `a state comes back byte for byte`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.open("s", in: first)
            for state in delicateStates {
                let checkpoint = try await writer.save(state: state)
                #expect(try await second.latest(of: "s")?.state == Array(state.utf8))
                #expect(try await second.checkpoint(checkpoint.id, of: "s")?.state == Array(state.utf8))
                let opened = try await Writer.open("s", in: second)
                #expect(opened.opened.latest?.state == Array(state.utf8))
                writer = opened
            }
            let states = try await first.history(of: "s").map { String(decoding: $0.state, as: UTF8.self) }
            #expect(states == delicateStates.reversed())
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `metadata mean the same when they come back`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            for metadata in [#"{"a":[1.0,{"b":null}],"state":"x","é":"\ud800"}"#, "{}"] {
                try await writer.save(metadata: metadata)
                #expect(try await store.latest(of: "s")?.metadata == Array(metadata.utf8))
            }
            try await writer.save(metadata: nil)
            #expect(try await store.latest(of: "s")?.metadata == nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a state of a megabyte is kept`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let text = String(repeating: #"é "quoted" \ 😀 0123456789 \n"#, count: 40_000)
            let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let state = #"{"text":""# + escaped + #"","end":1.0}"#
            var writer = try await Writer.open("s", in: store)
            let checkpoint = try await writer.save(state: state)
            #expect(state.utf8.count > 1_000_000)
            #expect(try await store.latest(of: "s") == checkpoint)
            #expect(try await store.open("s", for: "job-1", as: "next").latest == checkpoint)
            // Of what is stored, that is: a store may keep less than it is given.
            let kept = try await store.size().bytes
            #expect(driver.name == "compressing" ? kept < state.utf8.count : kept == state.utf8.count)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `what was saved is not what the caller goes on working with`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withStore { store in
            let writer = try await Writer.open("s", in: store)
            var save = writer.draft(state: #"{"a":1}"#)
            try await store.save(save)
            save.checkpoint?.state[5] = UInt8(ascii: "2")
            save.checkpoint?.node = "changed"
            var read = try #require(try await store.latest(of: "s"))
            #expect(read.state == Array(#"{"a":1}"#.utf8))
            #expect(read.node == "work")
            read.state = []
            #expect(try await store.latest(of: "s")?.state == Array(#"{"a":1}"#.utf8))
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `ids of every allowed shape are kept apart`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let sessions: [SessionID] = [
                "a", "A", "a:b", "a:b:", ":a", "session:x:run:y", "head:a", "a.b", "a-b", "a_b", "-", "1",
                "01",
                SessionID(unchecked: String(repeating: "x", count: 255)),
                SessionID(unchecked: String(repeating: "x", count: 254)),
            ]
            for (index, session) in sessions.enumerated() {
                let job = try JobID(checking: "job:\(session.text.prefix(200))")
                var writer = try await Writer.open(session, in: store, job: job)
                try await writer.save(state: #"{"session":\#(index)}"#)
            }
            for (index, session) in sessions.enumerated() {
                #expect(
                    try await store.history(of: session).map(\.state) == [
                        Array(#"{"session":\#(index)}"#.utf8)
                    ])
            }
            #expect(try await store.sessions(limit: 100, after: nil).map(\.record.id) == sessions.sorted())
            #expect(try await store.size().sessions == sessions.count)
        }
    }
}
