import PenstockModel
import PenstockQueue
import PenstockTesting
import Testing

@Suite("Looking at jobs", .timeLimit(.minutes(1)))
struct JobInspectionTests {
    @Test(arguments: ["a*b:", "a?b:", "a[x]b:", "a\\b:", "{a}-^b:"])
    func `a prefix is taken as it is, whatever patterns make of it`(_ prefix: String) async throws {
        let own = TestRedis.prefix()
        let inspection = try await Inspection(prefix: own + prefix)
        _ = try await inspection.enqueue("mine")
        _ = try await Inspection(prefix: own + "axb:").enqueue("others")
        #expect(try await inspection.inspector.jobs(nil, limit: 10).map(\.id) == ["mine"])
        #expect(try await inspection.inspector.queues().map(\.name) == ["q"])
    }

    @Test func `each of many jobs is listed once`() async throws {
        let inspection = try await Inspection()
        let count = 2500
        for number in 0..<count { try await inspection.record("\(number)", ["status": "running"]) }
        let ids = try await inspection.inspector.jobs(.running, limit: .max).map(\.id)
        #expect(ids.count == count)
        #expect(Set(ids).count == count)
        #expect(try await inspection.inspector.jobs(.done, limit: .max).isEmpty)
        #expect(try await inspection.inspector.jobs(nil, limit: 7).count == 7)
    }

    @Test func `a record is read in full`() async throws {
        let inspection = try await Inspection()
        try await inspection.record(
            "1",
            [
                "status": "done", "flow": "f", "session": "s", "queue": "q", "worker": "w", "attempts": "2",
                "crashes": "1", "error": "", "result": #"{"a":1}"#, "stored": "0", "claimed_at": "1.7e+12",
                "ended_at": "1700000000001", "due": "5",
            ])
        let job = try #require(try await inspection.inspector.job("1"))
        #expect(job.status == .done)
        #expect(job.session == "s" && job.flow == "f" && job.queue == "q" && job.worker == "w")
        #expect(job.attempts == 2 && job.crashes == 1)
        #expect(job.error == nil)
        #expect(job.result == Array(#"{"a":1}"#.utf8))
        #expect(!job.isStored)
        #expect(job.claimed == Timestamp(microseconds: 1_700_000_000_000_000))
        #expect(job.ended == Timestamp(microseconds: 1_700_000_000_001_000))
        #expect(job.due == nil)
        #expect(try await inspection.inspector.job("2") == nil)
    }

    @Test func `a status of a later version is shown as it is`() async throws {
        let inspection = try await Inspection()
        try await inspection.record("1", ["status": "levitating"])
        let job = try #require(try await inspection.inspector.job("1"))
        #expect(job.status == nil)
        #expect(job.statusText == "levitating")
    }
}
