import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// What is claimed at the edge of what the scripts can read.
@Suite("Odd messages", .timeLimit(.minutes(1)))
struct OddMessageTests {
    @Test(arguments: [100, 9 << 20])
    func `the id that a claim adds is not counted when the message comes again`(_ limit: Int) async throws {
        var bench = try await QueueBench.make()
        bench.settings.maxMessageBytes = limit
        let worker = try await bench.worker()
        try await bench.push(
            #"{"flow":"f","metadata":{"pad":"\#(String(repeating: "x", count: limit - 34))"}}"#)
        let first = try await worker.claimOne()
        try await worker.settle(first, as: .handBack(after: .zero, isInterruption: false))
        let again = try await worker.claimOne()
        #expect(again.kind == .job && again.id == first.id && again.message.count == limit + 44)
    }

    @Test
    func `a message that only the worker can read is buried under its id, one that nobody can under none`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(#"{"flow":"f","id":"half","input":{"a":"\ud800"}}"#, "no JSON")
        for id in ["half", ""] {
            let claim = try await worker.claimOne()
            try await worker.settle(claim, as: .bury(Burial(reason: "refused", error: "unreadable")))
            let name = try #require(try await bench.deadNames().last)
            #expect(name != id)
            #expect(try await bench.send("HGET", bench.keys.dead(name), "id").asString == id)
        }
        #expect(try await bench.send("LLEN", bench.keys.ended("half")).asInt == 1)
        #expect(try await bench.send("EXISTS", bench.keys.ended("")).asInt == 0)
    }
}
