import PenstockModel
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

@Suite("Looking at queues, workers and the dead", .timeLimit(.minutes(1)))
struct StandingTests {
    @Test func `the dead are listed newest first, page by page, for a reason`() async throws {
        let inspection = try await Inspection()
        for number in 1...450 {
            try await inspection.bury(
                "\(number)", for: number.isMultiple(of: 3) ? "crashed" : "failed", at: number)
        }
        let all = try await inspection.inspector.dead(DeadFilter()).map(\.name)
        #expect(all == (1...450).reversed().map { "\($0)" })
        var crashed = DeadFilter()
        crashed.reason = "crashed"
        #expect(try await inspection.inspector.dead(crashed).count == 150)
        #expect(try await inspection.inspector.dead(crashed, limit: 2).map(\.name) == ["450", "447"])
    }

    @Test func `a buried job is sent again once, or forgotten once`() async throws {
        let inspection = try await Inspection()
        try await inspection.bury("a", for: "failed", at: 1)
        try await inspection.bury("b", for: "failed", at: 2)
        #expect(try await inspection.inspector.exhume("a") == .sent)
        #expect(try await inspection.inspector.exhume("a") == .unknown)
        #expect(try await inspection.inspector.waiting(in: "q") == 1)
        #expect(try await inspection.inspector.forget("b"))
        #expect(try await !inspection.inspector.forget("b"))
        #expect(try await inspection.inspector.dead(DeadFilter()).isEmpty)
    }

    @Test func `workers and their queues are listed, also the empty ones`() async throws {
        let inspection = try await Inspection()
        let worker = WorkerID(host: "host", pid: 7)
        let calls = QueueCalls(
            keys: inspection.keys, worker: worker, queues: ["q", "empty"], settings: QueueSettings())
        let queue = JobQueue(calls: calls, client: inspection.client)
        try await queue.register(
            WorkerFacts(
                host: "host", pid: 7, flows: ["f"], slots: 3, version: "1.2.3"))
        _ = try await inspection.enqueue("1")
        _ = try await inspection.enqueue("2")
        _ = try await queue.claim(from: "q", upTo: 1)

        let workers = try await inspection.inspector.workers()
        #expect(workers.map(\.id) == [worker.text])
        let known = try #require(workers.first)
        #expect(known.pid == 7 && known.slots == 3 && known.version == "1.2.3" && known.processing == 1)
        #expect(known.queues == ["q", "empty"] && known.flows == ["f"])
        #expect(known.since != nil && known.beatAge < .seconds(30))

        let queues = try await inspection.inspector.queues()
        #expect(queues.map(\.name) == ["empty", "q"])
        #expect(queues.map(\.waiting) == [0, 1])
        #expect(queues.map(\.processing) == [0, 1])
        #expect(queues.map(\.workers) == [1, 1])
    }

    @Test func `what stands in no queue is counted`() async throws {
        let inspection = try await Inspection()
        let keys = inspection.keys
        for session in ["s", "t"] {
            _ = try await inspection.client.send(RedisCommand("SADD", keys.parkedSessions, session))
            _ = try await inspection.client.send(RedisCommand("RPUSH", keys.parked(session), "q {}", "q {}"))
        }
        _ = try await inspection.client.send(RedisCommand("ZADD", keys.scheduled, 1, "q {}"))
        try await inspection.bury("a", for: "failed", at: 1)
        let side = try await inspection.inspector.jobsOutsideQueues()
        #expect(side.parked == 4 && side.parkedSessions == 2)
        #expect(side.scheduled == 1 && side.dead == 1)
    }

    @Test func `a purge cancels as many as there were`() async throws {
        let inspection = try await Inspection()
        for number in 0..<1200 { _ = try await inspection.enqueue(JobID(unchecked: "\(number)")) }
        #expect(try await inspection.inspector.purge("q") == 1200)
        #expect(try await inspection.inspector.purge("q") == 0)
        #expect(try await inspection.inspector.job("1199")?.status == .cancelled)
    }
}
