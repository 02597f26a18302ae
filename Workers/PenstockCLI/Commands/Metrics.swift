import Penstock
import PenstockQueue

extension Command {
    static let metrics = Command(
        name: "metrics",
        summary: "print how queues and workers stand, for Prometheus",
        settings: [.redis],
        notes: """
            In the text format of Prometheus, as of now. For node_exporter, from a timer:
            penstock metrics > penstock.prom.tmp && mv penstock.prom.tmp /var/lib/node_exporter/penstock.prom
            """
    ) { invocation in
        let text = try await invocation.withQueue { inspector in
            MetricsText(
                queues: try await inspector.queues(), outside: try await inspector.jobsOutsideQueues(),
                workers: try await inspector.workers()
            ).text
        }
        invocation.output.write(text)
        return .done
    }
}

/// Gauges in the text format of Prometheus, version 0.0.4.
struct MetricsText {
    private(set) var text = ""

    init(queues: [QueueStanding], outside: JobsOutsideQueues, workers: [WorkerStanding]) {
        func perQueue(_ name: String, _ help: String, _ value: (QueueStanding) -> Int) {
            add(name, help, queues.map { (labels: ["queue": $0.name], value: Double(value($0))) })
        }
        perQueue("queue_waiting", "Jobs that wait in a queue.") { $0.waiting }
        perQueue("queue_running", "Jobs that workers have claimed from a queue.") { $0.processing }
        perQueue("queue_workers", "Workers that serve a queue.") { $0.workers }
        perQueue("queue_paused", "1 where no job is to be claimed from a queue.") { $0.isPaused ? 1 : 0 }

        add("jobs_parked", "Jobs that wait for others of their session.", outside.parked)
        add("jobs_held", "Jobs that wait for a place of their flow.", outside.held)
        add("jobs_scheduled", "Jobs that wait for their time.", outside.scheduled)
        add("jobs_dead", "Jobs that were buried and are kept.", outside.dead)

        func perWorker(_ name: String, _ help: String, _ value: (WorkerStanding) -> Double) {
            add(
                name, help,
                workers.map { (labels: ["worker": $0.id, "host": $0.host ?? ""], value: value($0)) })
        }
        perWorker("worker_slots", "Jobs that a worker runs side by side.") { Double($0.slots) }
        perWorker("worker_running", "Jobs that a worker has claimed.") { Double($0.processing) }
        perWorker("worker_beat_age_seconds", "How long ago a worker gave its last sign of life.") {
            $0.beatAge.inSeconds
        }
    }

    private mutating func add(_ name: String, _ help: String, _ value: Int) {
        let none: KeyValuePairs<String, String> = [:]
        add(name, help, [(labels: none, value: Double(value))])
    }

    private mutating func add(
        _ name: String, _ help: String, _ samples: [(labels: KeyValuePairs<String, String>, value: Double)]
    ) {
        text += "# HELP penstock_\(name) \(help)\n# TYPE penstock_\(name) gauge\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(
                separator: ",")
            let value = Int(exactly: sample.value).map(String.init) ?? "\(sample.value)"
            text += "penstock_\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
        }
    }

    private static func escaped(_ label: String) -> String {
        label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
