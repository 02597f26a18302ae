import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockTesting
import Testing

struct Count: FlowState {
    var name = ""
    var count = 0
    var log: [String] = []
    static let reducers: [Reducer<Count>] = [.append(\.log)]
}

func counting(_ nodes: Int) -> Flow<Count> {
    Flow("count", version: 1) {
        for index in 1...nodes {
            Node(NodeName(unchecked: "n\(index)")) { (state: Count, _) in
                Update(\.count, state.count + 1).and(\.log, ["n\(index)"])
            }
            Edge(index == 1 ? .start : NodeName(unchecked: "n\(index - 1)"), NodeName(unchecked: "n\(index)"))
        }
        Edge(NodeName(unchecked: "n\(nodes)"), .end)
    }
}

@Suite struct MainJobTests {
    @Test func `a pushed message becomes a checkpointed run with a result`() async throws {
        let bench = try await TestBench.make()
        try await bench.push(#"{"flow":"count","session_id":"s","id":"j1","input":{"name":"Ada"}}"#)
        await bench.burst([counting(3)])
        let end = try await bench.end(of: "j1")
        #expect(end["status"]?.string == "done")
        #expect(end["result"]?["count"]?.int == 3)
        #expect(end["result"]?["name"]?.string == "Ada")
        let steps = try await bench.store.checkpoints(of: "s", limit: 10, before: nil)
        #expect(steps.map(\.step) == [3, 2, 1])
        #expect(try await bench.job("j1")["status"] == "done")
    }

    @Test(arguments: [(slots: 64, most: 16), (slots: 3, most: 2), (slots: 1, most: 1)])
    func `jobs are claimed in parts`(slots: Int, most: Int) async throws {
        let bench = try await TestBench.make()
        for job in 0..<40 { try await bench.push(#"{"flow":"count","id":"j\#(job)"}"#) }
        await bench.burst([counting(1)]) { $0.slots = slots }
        var places: [Int] = []
        for job in 0..<40 {
            // <worker>:<call>.<place in its claim>
            let claim = try #require(try await bench.job("j\(job)")["settled"])
            places.append(try #require(Int(claim.split(separator: ".").last ?? "")))
        }
        #expect(places.max() == most)
    }

    @Test func `jobs of one session run in their order, many sessions side by side`() async throws {
        let bench = try await TestBench.make()
        for job in 0..<50 {
            for session in 0..<4 {
                try await bench.push(
                    #"{"flow":"count","session_id":"s\#(session)","id":"s\#(session)-\#(job)","input":{"log":["\#(job)"]}}"#
                )
            }
        }
        await bench.burst([counting(1)])
        for session in 0..<4 {
            let latest = try await bench.store.latest(of: SessionID(unchecked: "s\(session)"))
            let state = try #require(latest)
            #expect(state.step == 50)
            let log = String(decoding: state.state, as: UTF8.self)
            let expected = (0..<50).map { #""\#($0)","n1""# }.joined(separator: ",")
            #expect(log.contains("[\(expected)]"))
        }
    }
}
