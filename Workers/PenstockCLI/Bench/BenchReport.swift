import FoundationEssentials
import PenstockJSON

/// What an earlier run of the benchmark printed with `--json`.
struct BenchReport: Sendable {
    private let machine: JSON?
    private let rates: [(facts: JSONObject, jobsPerSecond: Double)]

    /// - Throws: ``Failure`` when the file is not such a report.
    init(at path: String) throws {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Failure.misused("the earlier run's file \(path) cannot be read")
        }
        guard let report = try? JSON(parsing: Array(bytes)), let runs = report["runs"]?.array else {
            throw Failure.misused(
                "\(path) is not what bench --json prints: expected an object with \"machine\" and \"runs\"")
        }
        machine = report["machine"]
        rates = runs.compactMap { run in
            guard let rate = run["jobs_per_second"]?.double, let facts = run.object else { return nil }
            return (facts, rate)
        }
    }

    /// Of the same case, if it was measured.
    func jobsPerSecond(of plan: BenchCase) -> Double? {
        rates.first { rate in plan.facts.allSatisfy { rate.facts[$0.key] == $0.value } }?.jobsPerSecond
    }

    /// What keeps the two from being compared, as a sentence.
    func caution(on machine: JSONObject) -> String? {
        let differing = ["processor", "cores", "memory_bytes", "kernel"].filter {
            self.machine?[$0] != machine[$0]
        }
        guard !differing.isEmpty else { return nil }
        return
            "the earlier run was on another machine (\(differing.joined(separator: ", "))): its figures tell nothing"
    }
}
