import Penstock
import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

@testable import PenstockCLI
@testable import PenstockQueue

@Suite("Metrics", .timeLimit(.minutes(1)))
struct MetricsTests {
    @Test func `queues, and what stands beside them, are told as gauges`() async throws {
        let redis = try await TestRedis.shared
        let flags = ["--redis-url", redis.address.description, "--prefix", TestRedis.prefix()]
        for queue in ["a", "a", "b"] {
            _ = await CapturedOutput.run(["enqueue", "greet", "--queue", queue] + flags)
        }
        _ = await CapturedOutput.run(["queue", "pause", "b"] + flags)
        let told = await CapturedOutput.run(["metrics"] + flags)
        #expect(told.code == .done)
        for line in [
            "# TYPE penstock_queue_waiting gauge", #"penstock_queue_waiting{queue="a"} 2"#,
            #"penstock_queue_waiting{queue="b"} 1"#, #"penstock_queue_paused{queue="a"} 0"#,
            #"penstock_queue_paused{queue="b"} 1"#, "penstock_jobs_dead 0", "penstock_jobs_scheduled 0",
        ] {
            #expect(told.output.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
    }

    @Test func `workers are told with their host, whatever it is called`() {
        let worker = WorkerStanding(
            id: "w", host: #"a"b\"#, pid: 1, version: "1", queues: [], flows: [], slots: 4, store: nil,
            processing: 2, since: nil, beatAge: .milliseconds(1500))
        let text = MetricsText(
            queues: [],
            outside: JobsOutsideQueues(parked: 1, parkedSessions: 1, held: 2, scheduled: 3, dead: 4),
            workers: [worker]
        ).text
        #expect(text.contains(#"penstock_worker_slots{worker="w",host="a\"b\\"} 4"# + "\n"))
        #expect(text.contains(#"penstock_worker_beat_age_seconds{worker="w",host="a\"b\\"} 1.5"# + "\n"))
        #expect(text.contains("penstock_jobs_parked 1\n") && text.contains("penstock_jobs_held 2\n"))
    }
}
