import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// What a claim tells of its job besides the message.
@Suite struct ClaimFactsTests {
    @Test func `a claim tells whether anybody has had the job before`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"))
        var claims = try await worker.claim(2)
        #expect(claims.map(\.isFirst) == [true])
        // The session's next one comes with settling it, and has waited in its line until now.
        let next = try #require(
            try await worker.settle(claims[0], as: .done(result: []), takesNext: true).next)
        #expect(next.id == "b" && next.isFirst)
        for settlement in [
            Settlement.handBack(after: .zero, isInterruption: false),
            .retry(after: .seconds(9), error: "e", node: "n"),
            .bury(Burial(reason: "r", error: "e")),
        ] {
            claims = try await worker.claim(1)
            let claim = claims.first ?? next
            #expect(claim.id == "b" && claim.isFirst == claims.isEmpty)
            try await worker.settle(claim, as: settlement)
            try await bench.makeAllDue()
            _ = try await worker.survey()
        }
        #expect(try await bench.inspector.exhume("b") == .sent)
        #expect(try await worker.claimOne().isFirst == false)
    }

    @Test func `a claim tells whether a store in the same Redis holds anything of the job or its session`()
        async throws
    {
        var bench = try await QueueBench.make()
        let traces = StoreTraces(
            record: bench.keys.prefix + "head:", checkpoints: bench.keys.prefix + "rows:",
            job: bench.keys.prefix + "result:")
        for key in [traces.record + "s1", traces.checkpoints + "s2", traces.job + "j3"] {
            _ = try await bench.send("SET", key, "x")
        }
        for knowsTraces in [true, false] {
            bench.settings.traces = knowsTraces ? traces : nil
            let worker = try await bench.worker(name: "w-\(knowsTraces)")
            for number in 1...4 {
                let (id, session) = knowsTraces ? ("j\(number)", "s\(number)") : ("i\(number)", "t\(number)")
                try await bench.push(message(id, session: session))
            }
            #expect(
                try await worker.claim(4).map(\.isUnseen)
                    == (knowsTraces ? [false, false, false, true] : [false, false, false, false]))
        }
    }

    @Test func `a job that somebody has had before is not told to be unseen`() async throws {
        var bench = try await QueueBench.make()
        bench.settings.traces = StoreTraces(record: "head:", checkpoints: "rows:", job: "result:")
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        #expect(claim.isUnseen)
        try await worker.settle(claim, as: .handBack(after: .zero, isInterruption: false))
        try await bench.makeAllDue()
        _ = try await worker.survey()
        #expect(try await worker.claimOne().isUnseen == false)
    }
}
