import PenstockModel
import PenstockQueue
import PenstockRedis
import Testing

/// Marking a job to be cancelled, wherever it stands.
@Suite("Cancelling jobs", .timeLimit(.minutes(1)))
struct CancelTests {
    @Test func `one that runs is named to its worker, which ends it`() async throws {
        let bench = try await QueueBench.make()
        let (worker, other) = (try await bench.worker(), try await bench.worker(name: "v"))
        try await bench.push(message("a"), message("b"))
        let claim = try await worker.claimOne()
        #expect(!claim.isCancelled)
        #expect(try await bench.inspector.cancel("a") == .running)
        #expect(try await other.survey().cancelled.isEmpty)
        #expect(try await worker.survey().cancelled == ["a"])
        // Told twice does no harm: the reply may be lost.
        #expect(try await worker.survey().cancelled == ["a"])
        #expect(try await worker.settle(claim, as: .cancelled(reason: "no more")).isSettled)
        #expect(try await bench.record("a")["status"] == "cancelled")
        #expect(try await bench.record("a")["error"] == "no more")
        #expect(
            try await bench.notices(of: "a")
                == [#"{"id":"a","status":"cancelled","reason":"cancelled","error":"no more"}"#])
        // The session goes on.
        #expect(try await worker.claimOne().id == "b")
    }

    @Test func `one that waits or is parked is claimed as cancelled`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b"), message("c", session: "t"))
        let first = try await worker.claimOne()
        let third = try await worker.claimOne()
        #expect(try await bench.inspector.cancel("b") == .parked)
        let settled = try await worker.settle(first, as: .done(result: []), takesNext: true)
        #expect(settled.next?.id == "b" && settled.next?.isCancelled == true)
        #expect(third.id == "c" && !third.isCancelled)
    }

    @Test func `one that no worker has seen is cancelled when it is claimed`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        #expect(try await bench.inspector.cancel("a") == nil)
        #expect(try await bench.send("TTL", bench.keys.job("a")).asInt ?? 0 > 0)
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        #expect(claim.isCancelled)
        #expect(try await bench.send("TTL", bench.keys.job("a")).asInt == -1)
    }

    @Test func `one that waits for its time comes due at once`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"), message("b", session: "t"))
        for claim in try await worker.claim(2) {
            try await worker.settle(claim, as: .retry(after: .seconds(3600), error: "later", node: "n"))
        }
        #expect(try await bench.inspector.cancel("a") == .scheduled)
        #expect(try await bench.scheduledIDs() == ["b"])
        #expect(try await bench.waitingIDs() == ["a"])
        #expect(try await worker.claimOne().isCancelled)
    }

    @Test(arguments: ["done", "cancelled", "dead"])
    func `one that has ended stays as it is`(_ status: String) async throws {
        let inspection = try await Inspection()
        try await inspection.end("a", status)
        #expect(try await inspection.inspector.cancel("a")?.rawValue == status)
        #expect(
            try await inspection.client.send(.init("HEXISTS", inspection.keys.job("a"), "cancel")).asInt == 0)
    }

    @Test func `a mark does not outlive the burial of its job`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        let claim = try await worker.claimOne()
        _ = try await bench.inspector.cancel("a")
        try await worker.settle(claim, as: .bury(Burial(reason: "failed", error: "too late")))
        #expect(try await bench.inspector.exhume("a") == .sent)
        #expect(try await !worker.claimOne().isCancelled)
    }
}
