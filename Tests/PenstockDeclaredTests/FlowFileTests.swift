import PenstockCheckpointers
import PenstockEngine
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockDeclared

@Suite(.timeLimit(.minutes(1)))
struct FlowFileTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    private func engine(_ json: String) throws -> FlowEngine<JSONObject> {
        try shop.write("flow.json", json)
        return try shop.engine()
    }

    /// A flow that goes to the node of the route's answer, by the key `k`, which sets `way`.
    private func routing(_ route: String) throws -> FlowEngine<JSONObject> {
        try engine(
            """
            {"flow": "f",
             "nodes": {"look": {"set": {"looked": true}}, "left": {"set": {"way": "left"}}, "right": {"set": {"way": "right"}}},
             "edges": [["START", "look"], {"from": "look", "route": "k", \(route)}, ["left", "END"], ["right", "END"]]}
            """)
    }

    @Test func `a set node gives its update, by the reducers`() async throws {
        let engine = try engine(
            """
            {"flow": "f", "reducers": {"log": "append", "n": "sum", "o": "merge", "low": "min", "high": "max", "r": "replace"},
             "nodes": {"a": {"description": "one", "set":
                {"log": ["a"], "n": 2, "o": {"y": 2}, "low": 3, "high": 3, "r": [2], "deep": {"x": [1.0, null]}}}},
             "edges": [["START", "a"], ["a", "END"]]}
            """)
        let state = try await engine.run(
            ["log": ["in"], "n": 1, "o": ["x": 1], "low": 4, "high": 4, "r": [1], "deep": 0])
        let expected: JSONObject = [
            "log": ["in", "a"], "n": 3, "o": ["x": 1, "y": 2], "low": 3, "high": 4, "r": [2],
            "deep": ["x": [1.0, .null]],
        ]
        #expect(state == expected)
    }

    @Test(
        arguments: [
            ("go", "left"), ("", "right"), (7, "left"), (1.5, "left"), (true, "left"), (false, "right"),
            (.null, "right"),
        ] as [(JSON, String)])
    func `a route goes by the text of a value`(value: JSON, way: String) async throws {
        let engine = try routing(
            #""to": {"go": "left", "7": "left", "1.5": "left", "true": "left", "": "right", "false": "right", "null": "right"}"#
        )
        #expect(try await engine.run(["k": value])["way"] == JSON(way))
    }

    @Test func `what no way is for goes where else says, and so does a missing key`() async throws {
        let engine = try routing(#""to": {"go": "left"}, "else": "right""#)
        #expect(try await engine.run(["k": "other"])["way"] == "right")
        #expect(try await engine.run(["k": ["list"]])["way"] == "right")
        #expect(try await engine.run()["way"] == "right")
        #expect(try await engine.run(["k": "go"])["way"] == "left")
    }

    @Test(
        arguments: [
            (["k": "other"], #"there is no way for "k" = other, only for go, stay"#),
            (["k": 1.0], #"there is no way for "k" = 1.0, only for go, stay"#),
            ([:], #"the state has no "k" to choose a way by, of go, stay"#),
        ] as [(JSONObject, String)])
    func `no way at all is a failure for good`(input: JSONObject, message: String) async throws {
        let failure = try await routing(#""to": {"go": "left", "stay": "right"}"#).failure(of: input)
        #expect(failure.message == message)
        #expect(failure.isPermanent)
        #expect(failure.node == "look")
    }

    @Test func `a route may leave START, and lead back`() async throws {
        let engine = try engine(
            """
            {"flow": "f", "reducers": {"n": "sum"}, "nodes": {"a": {"set": {"n": 1}}, "b": {"set": {"b": true}}},
             "edges": [{"from": "START", "route": "k", "to": {"b": "b"}, "else": "a"}, ["b", "END"],
                       {"from": "a", "route": "n", "to": {"1": "a", "2": "a", "3": "END"}}]}
            """)
        #expect(try await engine.run() == ["n": 3])
        #expect(try await engine.run(["k": "b"]) == ["k": "b", "b": true])
    }

    @Test func `max_steps ends a loop`() async throws {
        let engine = try engine(
            """
            {"flow": "f", "max_steps": 5, "reducers": {"n": "sum"}, "nodes": {"a": {"set": {"n": 1}}},
             "edges": [["START", "a"], {"from": "a", "route": "done", "to": {"true": "END"}, "else": "a"}]}
            """)
        let failure = try await engine.failure(in: "s")
        #expect(failure.isPermanent)
        #expect(failure.step == 6)
        #expect(try await engine.state(of: "s") == ["n": 5])
    }

    @Test func `the settings are the file's`() throws {
        try shop.write(
            "flow.json",
            """
            {"flow": "f", "version": 3, "description": "all of them", "nodes": {"a": {"set": {}}},
             "edges": [["START", "a"], ["a", "END"]], "result": ["x", "y"], "max_steps": 7, "max_state_bytes": 99,
             "durability": "exit", "restart": true, "retention": {"checkpoints": 100, "days": 0.5},
             "attempts": {"backoff_seconds": 2, "multiplier": 3, "max_backoff_seconds": 60, "jitter": false}}
            """)
        let flow = try shop.flow()
        #expect(flow.version == 3)
        let settings = flow.settings
        #expect(settings.resultKeys == ["x", "y"])
        #expect(settings.maxStateBytes == 99)
        #expect(settings.maxSteps == 7 && settings.durability == .exit && settings.restart)
        #expect(settings.retention == FlowRetention(checkpoints: 100, age: .seconds(43_200)))
        #expect(settings.attempts.firstDelay == .seconds(2) && settings.attempts.multiplier == 3)
        #expect(settings.attempts.maxDelay == .seconds(60) && !settings.attempts.jitter)
    }

    @Test func `what the file does not say is as without a file`() throws {
        try shop.write(
            "flow.json",
            #"{"flow": "f", "nodes": {"a": {"set": {}}}, "edges": [["START", "a"], ["a", "END"]]}"#)
        let flow = try shop.flow()
        #expect(flow.version == 1)
        #expect(flow.settings == FlowSettings())
    }

    @Test func `the keys of the result are the job's result, the state stays whole`() async throws {
        try shop.write(
            "flow.json",
            """
            {"flow": "f", "result": ["b", "none"], "nodes": {"a": {"set": {"b": 1}}},
             "edges": [["START", "a"], ["a", "END"]]}
            """)
        let runner = try shop.flow().runner
        let store = MemoryCheckpointer()
        let order = RunOrder(job: "j", session: "s", input: ["a": 1], worker: "w")
        let opened = try await store.open("s", for: "j", as: "w")
        let writer = runner.writer(to: store, opened: opened, order: order, patience: nil)
        guard case .finished(let bytes) = await runner.run(order, in: opened, writer: writer) else {
            Issue.record("not finished")
            return
        }
        #expect(try JSON(parsing: bytes) == ["b": 1])
        #expect(try await store.latest(of: "s").map { try JSON(parsing: $0.state) } == ["a": 1, "b": 1])
    }

    @Test(arguments: [(false, ["one", "two", "again"]), (true, ["one", "one", "two", "again"])])
    func `restart starts over in a session that stopped in the middle`(restart: Bool, log: [String])
        async throws
    {
        let engine = try engine(
            """
            {"flow": "f", "restart": \(restart), "reducers": {"log": "append"},
             "nodes": {"one": {"set": {"log": ["one"]}}, "two": {"run": ["sh", "two.sh"]}},
             "edges": [["START", "one"], ["one", "two"], ["two", "END"]]}
            """)
        try shop.write("two.sh", "[ -e ready ] || exit 1; echo '{\"log\": [\"two\", \"again\"]}'")
        _ = try await engine.failure(in: "s")
        try shop.write("ready", "")
        #expect(try await engine.run(in: "s")["log"] == .array(log.map { JSON($0) }))
    }

    @Test func `keys that differ only in how their characters are composed are two keys`() async throws {
        let engine = try engine(
            """
            {"flow": "f", "reducers": {"\u{e9}": "sum", "e\u{301}": "append"},
             "nodes": {"a": {"set": {"\u{e9}": 2, "e\u{301}": ["b"]}}}, "edges": [["START", "a"], ["a", "END"]]}
            """)
        let state = try await engine.run(["\u{e9}": 1, "e\u{301}": ["a"]])
        #expect(state == ["\u{e9}": 3, "e\u{301}": ["a", "b"]])
    }
}
