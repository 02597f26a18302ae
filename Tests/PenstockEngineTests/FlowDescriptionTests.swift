import PenstockJSON
import PenstockModel
import Testing

@testable import PenstockEngine

private let sample = Flow<Trail>("sample", version: 2) {
    Node("check") { _, _ in .none }.retry(.exponential(maxAttempts: 3)).timeout(.seconds(1.5))
    Node("end") { _, _ in .none }
    Edge(.start, "check")
    Route("check", to: ["end", .end]) { _ in .end }
    Edge("end", .end)
}
.result("sum")

@Suite struct `A flow's description` {
    @Test func `draws the graph for Mermaid, with ids that no name can break`() {
        #expect(
            sample.mermaid == """
                graph TD
                    start([START])
                    n0("check")
                    n1("end")
                    finish([END])
                    start --> n0
                    n1 --> finish
                    n0 -.-> n1
                    n0 -.-> finish

                """)
    }

    @Test func `tells what it is made of`() {
        #expect(
            sample.runner.facts == [
                "flow": "sample", "version": 2,
                "nodes": [
                    ["name": "check", "max_attempts": 3, "timeout_seconds": 1.5],
                    ["name": "end", "max_attempts": 1],
                ],
                "edges": [["__start__", "check"], ["end", "__end__"]],
                "routes": [["from": "check", "to": ["end", "__end__"]]],
                "reducers": ["log": "append", "sum": "sum"], "max_steps": 1000, "max_state_bytes": 16777216,
                "durability": "sync",
                "restart": false, "retention": [:], "result": ["sum"],
            ])
    }
}
