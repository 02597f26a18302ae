import Foundation
import Penstock
import PenstockJSON
import Testing

@testable import PenstockCLI

/// What is told of the flows of a folder.
@Suite("Flows of a folder")
final class FlowTests {
    private let folder = NSTemporaryDirectory() + "penstock-flows-\(UInt64.random(in: 0 ... .max))"

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try Data(
            """
            {"flow": "f", "reducers": {"log": "append"},
             "nodes": {
               "fetch": {"run": ["sh", "-c", "true"], "timeout_seconds": 30, "retry": {"max_attempts": 3}},
               "mark": {"set": {"log": ["a"]}}
             },
             "edges": [["START", "fetch"], {"from": "fetch", "route": "status", "to": {"ok": "mark", "none": "END"}, "else": "END"},
               ["mark", "END"]]}
            """.utf8
        ).write(to: URL(filePath: folder + "/f.json"))
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch {
            print("left behind: \(folder): \(error)")
        }
    }

    @Test func `a flow is shown with what its nodes do, and by what its routes decide`() async {
        #expect(await CapturedOutput.run(["flow", "check", folder]).output == "1 flow, nothing wrong\n")
        #expect(
            await CapturedOutput.run(["flow", "show", "f", folder]).output == """
                flow      f
                version   1
                nodes     fetch: run sh -c true, at most 30 s, at most 3 tries
                          mark: set {"log":["a"]}
                edges     START → fetch
                          mark → END
                routes    fetch by status: none → END, ok → mark, else → END
                reducers  log: append

                """)
        let json = await CapturedOutput.run(["flow", "show", "f", folder, "--json"]).json
        #expect(
            json?["nodes"]?[0]?["run"] == ["sh", "-c", "true"] && json?["nodes"]?[0]?["timeout_seconds"] == 30
        )
        #expect(json?["routes"]?[0]?["ways"] == ["ok": "mark", "none": "__end__"])
    }
}
