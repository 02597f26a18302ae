import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// Jobs that are not to start before their time.
@Suite("Jobs that come due", .timeLimit(.minutes(1)))
struct DueTests {
    private func delayed(_ id: String, until moment: String, rejects: Bool = false) -> String {
        #"{"flow":"f","session_id":"s","id":"\#(id)","not_before":"\#(moment)""#
            + (rejects ? #","on_busy":"reject"}"# : "}")
    }

    @Test func `two thousand that are due in one millisecond keep their order, and can be cancelled`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let ids = (1...2000).map { "\($0)" } + ["z", "y", "x"]
        let due = Timestamp(microseconds: try await bench.inspector.serverTime().microseconds + 3_600_000_000)
        for id in ids { try await bench.push(message(id, session: id)) }
        for claim in try await worker.claim(ids.count) {
            #expect(try await worker.settle(claim, as: .postpone(until: due)).isSettled)
        }
        #expect(try await bench.scheduledIDs() == ids)
        _ = try await bench.inspector.cancel("y")
        #expect(try await bench.waitingIDs() == ["y"])
        #expect(try await bench.scheduledIDs().suffix(2) == ["z", "x"])
    }

    @Test(
        arguments: [
            ("2100-01-01T00:00:00.25+01:30", 4_102_439_400_250), ("2096-02-29T12:00:00Z", 3_981_355_200_000),
            ("2100-03-01t00:00:00z", 4_107_542_400_000), ("2099-12-31T18:59:59-05:00", 4_102_444_799_000),
        ] as [(String, Int)])
    func `the scripts read a moment as the worker does`(_ text: String, _ milliseconds: Int) async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(delayed("d", until: text))
        _ = try await worker.claimOne()
        #expect(try await bench.record("d")["due"] == "\(milliseconds)")
        #expect(Timestamp(text)?.microseconds == Int64(milliseconds) * 1000)
    }

    @Test func `nobody is refused for the sake of a job that is not to start yet`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        let busy = #"{"flow":"f","session_id":"s","id":"r","on_busy":"reject"}"#
        try await bench.push(delayed("d", until: "2100-01-01T00:00:00Z"), busy)
        let claims = try await worker.claim(2)
        #expect(claims.map(\.id) == ["d"])
        let due = try #require(Timestamp("2100-01-01T00:00:00Z"))
        try await worker.settle(claims[0], as: .postpone(until: due))
        #expect(try await worker.claimOne().id == "r")
    }

    @Test func `one that would rather not wait is not refused before its time`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        let first = try await worker.claimOne()
        try await bench.push(delayed("r", until: "2100-01-01T00:00:00Z", rejects: true))
        #expect(try await worker.claim().isEmpty)
        #expect(try await bench.parked("s") == ["r"])
        var job = Job("f")
        job.id = "q"
        job.session = "s"
        job.onBusy = .reject
        func enqueue() async throws -> Enqueued {
            try await bench.inspector.enqueue(try CheckedJob(job, maxBytes: 1000), to: "default")
        }
        #expect(try await enqueue() == .busy(with: "a"))
        job.notBefore = Timestamp("2100-01-01T00:00:00Z")
        #expect(try await enqueue() == .new)
        try await worker.settle(first, as: .done(result: []))
    }
}
