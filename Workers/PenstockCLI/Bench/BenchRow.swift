import PenstockJSON
import PenstockModel

/// The median run of one case.
struct BenchRow: Sendable {
    let plan: BenchCase
    private let median: BenchRun.Measured
    private let latency: BenchLatency

    init(_ plan: BenchCase, _ runs: [BenchRun.Measured], _ latency: BenchLatency) {
        self.plan = plan
        self.latency = latency
        median = runs.sorted { $0.elapsed < $1.elapsed }[runs.count / 2]
    }

    var jobsPerSecond: Double { Double(median.jobs) / median.elapsed.inSeconds }
    private var checkpointsPerSecond: Double { jobsPerSecond * Double(plan.nodes) }

    private var enqueuedPerSecond: Double? { median.enqueuing.map { Double(median.jobs) / $0.inSeconds } }

    /// Processor milliseconds a job, which are processor seconds for a thousand.
    private func cost(_ time: Duration) -> Double { time.inSeconds * 1000 / Double(median.jobs) }

    var json: JSONObject {
        var json = plan.facts
        json["store"] = .string(plan.store.name)
        json["durability"] = .string(plan.store.durability)
        json["jobs"] = JSON(median.jobs)
        json["jobs_per_second"] = JSON(jobsPerSecond)
        json["checkpoints_per_second"] = JSON(checkpointsPerSecond)
        json["enqueued_per_second"] = enqueuedPerSecond.map { JSON($0) }
        json["worker_cpu_seconds_per_1000_jobs"] = JSON(cost(median.workerTime))
        json["redis_cpu_seconds_per_1000_jobs"] = JSON(cost(median.redisTime))
        json["resident_bytes"] = JSON(median.residentBytes)
        if !latency.isEmpty { json.merge(latency.json) }
        return json
    }

    private var cells: [String] {
        [
            plan.store.name, plan.store.durability, "\(plan.nodes)", "\(Int(jobsPerSecond))",
            "\(Int(checkpointsPerSecond))", enqueuedPerSecond.map { "\(Int($0))" } ?? "-",
            cost(median.workerTime).thousandths, cost(median.redisTime).thousandths,
            "\(median.residentBytes >> 20)",
        ] + latency.cells
    }

    static func table(_ rows: [BenchRow], comparedWith earlier: BenchReport?) -> String {
        var header = [
            "STORE", "DURABILITY", "NODES#", "JOBS/S#", "CHECKPOINTS/S#", "ENQUEUED/S#", "WORKER ms/job#",
            "REDIS ms/job#",
            "MEMORY MB#",
            "START ms p50 / p99#", "RESULT ms p50 / p99#",
        ]
        if earlier != nil { header += ["JOBS/S BEFORE#", "RATIO#"] }
        var table = Table(header)
        for row in rows {
            var cells = row.cells
            if let earlier {
                let before = earlier.jobsPerSecond(of: row.plan)
                cells.append(before.map { "\(Int($0))" } ?? "-")
                cells.append(before.map { (row.jobsPerSecond / $0).hundredths } ?? "-")
            }
            table.add(cells)
        }
        return table.text
    }
}

extension Double {
    /// With two digits behind the point.
    var hundredths: String { digits(2) }
    /// With three digits behind the point.
    var thousandths: String { digits(3) }

    private func digits(_ count: Int) -> String {
        let scale = count == 2 ? 100 : 1000
        let value = Int((self * Double(scale)).rounded())
        return "\(value / scale)." + String(String(scale + value % scale).dropFirst())
    }
}
