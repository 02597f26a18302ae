import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

/// What is kept of a job between its enqueueing and its first claim.
@Suite("Jobs that nobody has claimed yet", .timeLimit(.minutes(1)))
struct NoteTests {
    @Test(arguments: [false, true])
    func `a job that waits costs Redis its bytes and at most 150`(_ isItsProducers: Bool) async throws {
        let bench = try await QueueBench.make()
        let jobs = try (0..<20_000).map { _ in
            var job = Job("order")
            if isItsProducers { job.id = JobID(unchecked: UUIDv7Source.shared.next()) }
            job.input = ["amount": 12]
            return try CheckedJob(job, maxBytes: 1000)
        }
        #expect(try await bench.inspector.enqueue(jobs, to: "default").allSatisfy { $0 == .new })
        var bytes = 0
        for key in try await bench.everything().keys {
            bytes += try await bench.send("MEMORY", "USAGE", key, "SAMPLES", 0).asInt ?? 0
        }
        let extra = Double(bytes - jobs.reduce(0) { $0 + $1.bytes.count }) / Double(jobs.count)
        #expect((0...150).contains(extra), "\(extra) bytes each")
    }

    @Test func `a claim makes a record of what was noted`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.enqueue("a", session: "s")
        let noted = try #require(try await bench.inspector.job("a"))
        #expect(noted.status == .waiting && noted.queue == "default" && noted.flow == "f")
        #expect(noted.session == "s" && noted.created != nil)
        #expect(try await worker.claimOne().id == "a")
        let claimed = try #require(try await bench.inspector.job("a"))
        #expect(claimed.status == .running && claimed.session == "s" && claimed.created == noted.created)
        #expect(try await !bench.exists(bench.keys.noted))
    }

    @Test func `a message that came by hand with another's id is buried, and the noted job runs`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a", session: "other"))
        try await bench.enqueue("a", session: "s")
        let claims = try await worker.claim(2)
        #expect(claims.map(\.kind) == [.conflict, .job])
        #expect(claims.last?.session == "s")
    }

    @Test func `whoever waits for it is not told of the burial of another's message with its id`()
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker(["default", "elsewhere"])
        try await bench.enqueue("a", session: "s", to: "elsewhere")
        try await bench.push(message("a", session: "other"), #"{"id":"a","session_id":"s"}"#)
        for claim in try await worker.claim(2) {
            #expect(claim.kind != .job)
            try await worker.settle(claim, as: .bury(Burial(reason: "refused", error: "not its own")))
        }
        #expect(try await bench.notices(of: "a").isEmpty)
        #expect(try await worker.claimOne(from: "elsewhere").id == "a")
    }

    @Test(arguments: [false, true])
    func `a note that was made while a copy waited in line is gone with the job`(_ isHandedOver: Bool)
        async throws
    {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a"))
        try await worker.settle(worker.claimOne(), as: .done(result: []))
        try await bench.push(message("b"), message("a"))
        let before = try await worker.claimOne()
        #expect(try await worker.claim().isEmpty)
        #expect(try await bench.parked("s") == ["a"])
        // As time does with the record of a job that has ended.
        _ = try await bench.send("DEL", bench.keys.job("a"))
        try await bench.enqueue("a", session: "s")
        var next = try await worker.settle(before, as: .done(result: []), takesNext: isHandedOver).next
        #expect(next == nil)
        for _ in 0..<2 {
            let claim = try await worker.claimOne()
            #expect(claim.id == "a")
            next = try await worker.settle(claim, as: .done(result: []), takesNext: isHandedOver).next
        }
        #expect(next == nil)
        #expect(try await !bench.exists(bench.keys.noted))
    }

    @Test func `a message that comes due with another's id is buried, and the noted job runs`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.push(message("a", session: "s"))
        try await worker.settle(
            worker.claimOne(), as: .retry(after: .seconds(3600), error: "later", node: "n"))
        _ = try await bench.send("DEL", bench.keys.job("a"))
        try await bench.enqueue("a", session: "t")
        try await bench.makeAllDue()
        _ = try await worker.survey()
        let claims = try await worker.claim(2)
        #expect(claims.map(\.kind) == [.conflict, .job])
        #expect(claims.last?.session == "t")
        #expect(try await bench.turn("s") == nil)
    }

    @Test func `one that waits is listed, and each once`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.enqueue("a")
        _ = try await worker.claimOne()
        try await bench.enqueue("b")
        try await bench.enqueue("c")
        func ids(_ status: JobStanding.Status?, limit: Int = 10) async throws -> [String] {
            try await bench.inspector.jobs(status, limit: limit).map(\.id).sorted()
        }
        #expect(try await ids(nil) == ["a", "b", "c"])
        #expect(try await ids(.waiting) == ["b", "c"])
        #expect(try await ids(.running) == ["a"])
        #expect(try await ids(nil, limit: 2).count == 2)
    }

    @Test func `one that is cancelled while it waits is claimed as cancelled, however late`() async throws {
        let bench = try await QueueBench.make()
        let worker = try await bench.worker()
        try await bench.enqueue("a")
        #expect(try await bench.inspector.cancel("a") == .waiting)
        #expect(try await bench.send("TTL", bench.keys.job("a")).asInt == -1)
        #expect(try await worker.claimOne().isCancelled)
    }

    @Test func `one that is purged is cancelled, and another's message with its id is not it`() async throws {
        let bench = try await QueueBench.make()
        try await bench.enqueue("a", session: "s")
        try await bench.push(message("b", session: "other"))
        try await bench.enqueue("b", session: "s", to: "elsewhere")
        _ = try await bench.inspector.purge("default")
        #expect(try await bench.inspector.job("a")?.status == .cancelled)
        #expect(try await bench.inspector.job("b")?.status == .waiting)
    }
}
