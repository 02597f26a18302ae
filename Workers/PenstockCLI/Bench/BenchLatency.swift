import PenstockJSON
import PenstockModel

/// How long jobs took from the push that brought them, to an idle worker.
struct BenchLatency: Sendable {
    /// Until their first node began.
    private var starts: [Duration] = []
    /// Until whoever waited had been told that they had ended.
    private var results: [Duration] = []

    mutating func add(start: Duration, result: Duration) {
        starts.append(start)
        results.append(result)
    }

    static func += (sum: inout BenchLatency, other: BenchLatency) {
        sum.starts += other.starts
        sum.results += other.results
    }

    var isEmpty: Bool { starts.isEmpty }

    /// The median and the 99th percentile, in milliseconds.
    private static func percentiles(_ times: [Duration]) -> [Double] {
        let sorted = times.sorted()
        return [0.5, 0.99].map { part in
            sorted.isEmpty
                ? .nan : sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))].inSeconds * 1000
        }
    }

    var json: JSONObject {
        let (start, result) = (Self.percentiles(starts), Self.percentiles(results))
        return [
            "start_p50_ms": JSON(start[0]), "start_p99_ms": JSON(start[1]), "result_p50_ms": JSON(result[0]),
            "result_p99_ms": JSON(result[1]),
        ]
    }

    /// The two cells that a table shows: to the start, and to the result.
    var cells: [String] {
        guard !isEmpty else { return ["-", "-"] }
        return [starts, results].map { times in
            Self.percentiles(times).map(\.hundredths).joined(separator: " / ")
        }
    }
}
