import Foundation
import PenstockJSON
import Testing

@testable import PenstockCLI

@Suite("Bench", .timeLimit(.minutes(1)))
struct BenchTests {
    private func run(_ arguments: String...) async -> CapturedOutput.Answer {
        await CapturedOutput.run(["bench"] + arguments)
    }

    @Test func `each store and flow has a row, and an earlier run's beside it`() async throws {
        let small = [
            "bench", "--stores", "memory,redis", "--nodes", "1,2", "--jobs", "20", "--rounds", "1",
            "--latency", "2",
        ]
        let first = await CapturedOutput.run(small + ["--json"])
        let runs = try #require(try JSON(parsing: first.output)["runs"]?.array)
        #expect(runs.compactMap { $0["store"]?.string } == ["memory", "memory", "redis", "redis"])
        #expect(runs.compactMap { $0["jobs"]?.int } == [20, 10, 20, 10])
        for run in runs {
            for figure in [
                "jobs_per_second", "worker_cpu_seconds_per_1000_jobs", "start_p50_ms", "result_p99_ms",
            ] {
                #expect(try #require(run[figure]?.double) > 0)
            }
        }

        let file = FileManager.default.temporaryDirectory.appending(path: "penstock-bench-\(UUID()).json")
        try first.output.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let second = await CapturedOutput.run(small + ["--json", "--compare", file.path])
        for (run, before) in zip(try #require(try JSON(parsing: second.output)["runs"]?.array), runs) {
            #expect(run["jobs_per_second_before"] == before["jobs_per_second"])
            #expect(try #require(run["ratio"]?.double) > 0)
        }
        // Of another kind: nothing to compare with, and no wrong figure.
        let other = await run(
            "--stores", "memory", "--nodes", "1", "--jobs", "5", "--rounds", "1", "--slots", "3", "--latency",
            "0",
            "--compare", file.path)
        let cells = try #require(other.output.split(separator: "\n").last).split(separator: " ").suffix(4)
        #expect(cells == ["-", "-", "-", "-"])
    }

    @Test func `sessions have their history before they are measured, and what waits is left`() async throws {
        let answer = await run(
            "--stores", "memory", "--nodes", "2", "--jobs", "12", "--rounds", "1", "--latency", "0",
            "--sessions", "3",
            "--history", "7", "--waiting", "50", "--workers", "2", "--json")
        let run = try #require(try JSON(parsing: answer.output)["runs"]?[0])
        let facts: JSONObject = [
            "sessions": 3, "history": 7, "waiting": 50, "workers": 2, "jobs": 6, "nodes": 2,
        ]
        for (name, value) in facts { #expect(run[name] == value) }
        #expect(run["start_p50_ms"] == nil)
    }

    @Test func `what is no earlier run is refused`() async throws {
        let source = #filePath
        #expect(await run("--compare", source).errors.contains("is not what bench --json prints"))
        #expect(await run("--compare", "/nowhere").errors.contains("cannot be read"))
        #expect(await run("--latency", "-1").errors.contains("--latency is a whole number from 0"))
    }
}
