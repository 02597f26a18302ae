import Foundation
import Glibc
import PenstockEngine
import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockDeclared

@Suite(.timeLimit(.minutes(1)))
struct CheckingTests {
    private static let house = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func `the flows that come with the house are without fault`() {
        let declared = DeclaredFlows(folder: Self.house.appendingPathComponent("Config/flows").path)
        #expect(declared.faults == [])
        #expect(declared.flows.map { $0.runner.name } == ["chat", "greet", "order"])
        #expect(declared.flows.allSatisfy { $0.runner.faults.isEmpty })
    }

    @Test func `a missing folder, an empty one and one without flows are refused`() throws {
        let shop = try Workshop()
        #expect(shop.faults == [".: the folder has no *.json file that declares a flow"])
        try shop.write("notes.txt", "")
        try shop.write(".hidden.json", "{")
        #expect(shop.faults == [".: the folder has no *.json file that declares a flow"])
        #expect(
            DeclaredFlows(folder: shop.path + "/none").faults.map(\.description)
                == ["\(shop.path)/none: this is no folder that can be read: No such file or directory"])
        #expect(
            DeclaredFlows(folder: shop.path + "/notes.txt").faults.map(\.sentence)
                == ["this is no folder that can be read: Not a directory"])
    }

    @Test func `what is wrong with all files of a folder is told at once`() throws {
        let shop = try Workshop()
        try shop.write("a.json", #"{"flow": "a",}"#)
        try shop.write("b.json", "\n\n  [1]")
        try shop.write("c.json", "")
        try shop.write("d.json/e", "")
        try shop.write("f.json", #"{"flow": "f", "nodes": {"x": {"set": {}}}, "edges": [["START", "x"]]}"#)
        try shop.write("g.json", "{\"flow\": \"g\",\n \"nodes\": {\"x\": {},\n \"x\": {}}}")
        #expect(
            shop.faults == [
                "a.json: expected a key in quotes, found '}' at line 1, column 14 (byte 13)",
                "b.json: a flow's file holds a JSON object, not an array",
                "c.json: expected a value, found the end at line 1, column 1 (byte 0)",
                "d.json: the file cannot be read",
                "f.json: edges: no way leads from START to END",
                #"f.json: nodes.x: nothing leads out of this node: add ["x", "END"] if it is the last"#,
                "g.json: expected each key once, found \"x\" again at line 3, column 2 (byte 35)",
            ])
    }

    @Test func `all that is wrong with one file is told at once`() throws {
        let faults = try Workshop.faults(
            of: """
                {"flow": 7, "versoin": 2, "version": 0, "description": [], "reducers": {"log": "apend", "sum": 1},
                 "nodes": {
                   "a": {"runn": ["true"]}, "b": {"run": "python3 b.py"}, "c": {"set": 5}, "d": {"set": {}, "run": ["true"]},
                   "e": {"run": []}, "f": {"serve": ["no-such-program-here"], "timeout_seconds": 0, "retry": {"max_atempts": 2}},
                   "g": 1, "h": {"set": {}, "timeout_seconds": 5, "retry": {}}, "i": {"run": ["true"], "retry": {"max_attempts": 0,
                   "backoff_seconds": -1, "multiplier": "2", "max_backoff_seconds": [], "jitter": 1}}, "START": {"set": {}}
                 },
                 "edges": [["START", "a"], ["a", "zz"], ["a"], ["a", 5], 9, {"from": "b", "route": "k", "to": {"x": 5}},
                   {"from": "c", "to": {}}, {"from": "d", "route": "k", "to": {}, "esle": "END"}, {"from": "h", "route": "k", "to": {}}],
                 "result": ["a", 1], "max_steps": 1.5, "durability": "synk", "restart": "yes", "attempts": {"max_atempts": 3},
                 "retention": {"checkpoints": -1, "day": 3, "days": "none"}}
                """)
        let expected = [
            #"the key "versoin" is unknown; did you mean "version"?"#,
            "description: expected a string, not []",
            "flow: expected a string, not 7",
            #"nodes.a: the key "runn" is unknown; did you mean "run"?"#,
            #"nodes.a: a node has one of "run", "serve" and "set"; this one has none of them"#,
            #"nodes.b.run: expected a list of strings, not "python3 b.py""#,
            "nodes.c.set: expected an object, not 5",
            #"nodes.d: a node has one of "run", "serve" and "set"; this one has run and set"#,
            #"nodes.e.run: expected a program and its arguments, such as ["python3", "fetch.py"]"#,
            "nodes.f.timeout_seconds: expected a number of seconds above 0, not 0",
            #"nodes.f.retry: the key "max_atempts" is unknown; did you mean "max_attempts"?"#,
            "nodes.g: expected an object, not 1",
            #"nodes.h.timeout_seconds: a "set" node takes no time and cannot fail, so this means nothing"#,
            #"nodes.h.retry: a "set" node takes no time and cannot fail, so this means nothing"#,
            "nodes.i.retry.max_attempts: expected an integer of at least 1, not 0",
            "nodes.i.retry.backoff_seconds: expected a number of seconds, 0 or above, not -1",
            #"nodes.i.retry.multiplier: expected a number of at least 1.0, not "2""#,
            "nodes.i.retry.max_backoff_seconds: expected a number of seconds, 0 or above, not []",
            "nodes.i.retry.jitter: expected true or false, not 1",
            #"edges[2]: an edge is a pair of names such as ["price", "ship"]"#,
            #"edges[3]: an edge is a pair of names such as ["price", "ship"]"#,
            "edges[4]: expected a pair of names or a route, not an integer",
            "edges[5].to.x: expected a string, not 5",
            "edges[6].route: a route needs this key",
            #"edges[7]: the key "esle" is unknown; did you mean "else"?"#,
            "version: expected an integer of at least 1, not 0",
            "reducers.sum: expected a string, not 1",
            "max_steps: expected an integer of at least 1, not 1.5",
            #"durability: expected one of sync, async, exit, not "synk"; did you mean "sync"?"#,
            #"result: expected a list of strings, not ["a",1]"#,
            #"restart: expected true or false, not "yes""#,
            #"attempts: the key "max_atempts" is unknown; did you mean "max_attempts"?"#,
            "retention.checkpoints: expected an integer of at least 0, not -1",
            #"retention: the key "day" is unknown; did you mean "days"?"#,
            #"retention.days: expected a number of days, 0 or above, not "none""#,
            "nodes.START: no node can be called START: that is one of the two ends",
            #"edges[1]: there is no node "zz""#,
            "edges[8]: the route from node h has no targets",
            #"reducers.log: the reducer "apend" of the key "log" is none of append, sum, merge, min, max, replace"#
                + #"; did you mean "append"?"#,
        ]
        let program = faults.filter {
            $0.hasPrefix("nodes.f.serve: \"no-such-program-here\" was not found in ")
        }
        #expect(program.count == 1)
        #expect(Set(faults).subtracting(program) == Set(expected))
        #expect(faults.count == expected.count + 1)
    }

    @Test func `a file without flow, nodes and edges lacks just these`() throws {
        #expect(
            try Workshop.faults(of: "{}") == [
                "flow: the flow has no name", "nodes: the flow has no nodes", "edges: the flow has no edges",
            ])
        #expect(
            try Workshop.faults(of: #"{"flow": "a b", "nodes": {}, "edges": []}"#) == [
                #"flow: a flow name is 1 to 100 of the characters A-Z a-z 0-9 _ . : -, not "a b""#,
                "nodes: the flow has no nodes",
            ])
    }

    @Test(arguments: [
        (#"["START", "a"], ["a", "b"]"#, [#"edges[1]: there is no node "b"; did you mean "a"?"#]),
        (
            #"["START", "a"], ["a", "END"], ["a", "END"]"#,
            ["edges[2]: several edges leave a: one step follows another, so choose by a route"]
        ),
        (
            #"["START", "a"], {"from": "a", "route": "k", "to": {"x": "END"}}, ["a", "END"]"#,
            [#"edges[2]: an edge and a route leave a: name the edge's target in the route's "else""#]
        ),
        (#"["a", "END"]"#, [#"edges: nothing leads out of START: add ["START", …]"#]),
        (
            #"["START", "a"], ["a", "END"], ["END", "a"]"#,
            ["edges[2]: something leads out of END, where every run is over"]
        ),
        (
            #"["START", "a"], {"from": "a", "route": "k", "to": {"x": "START"}, "else": "END"}"#,
            ["edges[1]: node a leads to START, which nothing can: name the node to go back to"]
        ),
    ])
    func `each fault of the graph has its place`(edges: String, expected: [String]) throws {
        let found = try Workshop.faults(
            of: #"{"flow": "f", "nodes": {"a": {"set": {}}}, "edges": [\#(edges)]}"#)
        for fault in expected { #expect(found.contains(fault), "\(found)") }
    }

    @Test func `a fixed update that its reducer never takes is refused`() throws {
        let faults = try Workshop.faults(
            of: """
                {"flow": "f", "reducers": {"log": "append", "n": "sum", "any": "replace", "odd": "apend"},
                 "nodes": {"a": {"set": {"log": "text", "n": 1, "any": null, "odd": 1, "new": []}}},
                 "edges": [["START", "a"], ["a", "END"]]}
                """)
        #expect(
            faults.filter { $0.hasPrefix("nodes") } == [
                #"nodes.a.set.log: under "log", the reducer append takes an array, not a string"#
            ])
    }

    @Test func `a flow in two files is refused, also when one of them has other faults`() throws {
        let shop = try Workshop()
        let flow = #"{"flow": "twin", "nodes": {"x": {"set": {}}}, "edges": [["START", "x"], ["x", "END"]]}"#
        try shop.write("a.json", flow)
        try shop.write("b.json", flow)
        try shop.write("c.json", #"{"flow": "twin"}"#)
        #expect(
            shop.faults.filter { $0.contains("twin") } == [
                "b.json: flow: the flow twin is declared in a.json too",
                "c.json: flow: the flow twin is declared in b.json too",
            ])
    }

    @Test func `a program has to be a file that can be executed`() throws {
        let shop = try Workshop()
        try shop.write("tool.sh", "#!/bin/sh\necho '{}'\n", mode: 0o755)
        try shop.write("plain.sh", "#!/bin/sh\n")
        try shop.write("sub/flow.txt", "")
        func fault(_ program: String) throws -> [String] {
            try shop.write(
                "flow.json",
                #"{"flow": "f", "nodes": {"a": {"run": ["\#(program)"]}}, "edges": [["START", "a"], ["a", "END"]]}"#
            )
            return shop.faults
        }
        #expect(try fault("./tool.sh") == [])
        #expect(try fault("sub/../tool.sh") == [])
        #expect(try fault(shop.path + "/tool.sh") == [])
        #expect(try fault("sh") == [])
        #expect(
            try fault("./plain.sh") == [#"flow.json: nodes.a.run: "./plain.sh" from . is not executable"#])
        #expect(try fault("./sub") == [#"flow.json: nodes.a.run: "./sub" was not found from ."#])
        #expect(try fault("./none") == [#"flow.json: nodes.a.run: "./none" was not found from ."#])
        #expect(
            try fault("tool.sh").first?.hasPrefix(#"flow.json: nodes.a.run: "tool.sh" was not found in /"#)
                == true)
        #expect(try fault("a\\u0000b").first?.hasSuffix("has a zero byte in it") == true)
    }

    @Test func `a flow whose folder was named by a relative path runs from any other working directory`()
        async
    {
        await #expect(processExitsWith: .success) {
            let shop = try Workshop()
            try shop.write(
                "flows/f.json",
                #"{"flow": "f", "nodes": {"a": {"run": ["./bin/tool"]}}, "edges": [["START", "a"], ["a", "END"]]}"#
            )
            try shop.write("flows/bin/tool", "#!/bin/sh\nprintf '{\"at\": \"%s\"}' \"$PWD\"\n", mode: 0o755)
            guard chdir(shop.path) == 0 else { exit(1) }
            let declared = DeclaredFlows(folder: "flows/")
            guard declared.faults.isEmpty, let flow = declared.flows.first as? Flow<JSONObject> else {
                exit(2)
            }
            guard chdir("/") == 0 else { exit(3) }
            let state = try await FlowEngine(flow).run()
            guard state == ["at": JSON(shop.path + "/flows")] else { exit(4) }
        }
    }
}
