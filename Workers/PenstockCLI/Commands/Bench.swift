import Penstock
import PenstockJSON

extension Command {
    static let bench = Command(
        name: "bench",
        summary: "measure jobs and checkpoints a second on this machine, store by store",
        flags: [
            Flag(
                "stores", .required("LIST"),
                "memory, sqlite, redis, or a store's URL, a comma between (default: memory,sqlite,redis)"),
            Flag("nodes", .required("LIST"), "how many nodes the flows have, a comma between (default: 1,5)"),
            Flag(
                "jobs", .required("N"),
                "jobs of one node in each run; of more nodes, half as many (default: 20000)"),
            Flag("slots", .required("N"), "jobs that run side by side in a worker (default: 64)"),
            Flag("workers", .required("N"), "workers, all in this process (default: 1)"),
            Flag("state-bytes", .required("N"), "the size of a session's state (default: 100)"),
            Flag(
                "sessions", .required("N"),
                "sessions that the store has already, over which the jobs are spread (default: each job has a new one)"
            ),
            Flag(
                "history", .required("N"),
                "checkpoints that each of those sessions has already; 64 sessions unless --sessions says otherwise"
            ),
            Flag(
                "waiting", .required("N"),
                "jobs that wait in the queue behind those that are measured (default: 0)"),
            Flag("engine", .none, "the flow engine by itself: no queue, no locks"),
            Flag(
                "latency", .required("N"),
                "jobs that come one at a time, in each run, to see how long each takes; 0 for none (default: 100)"
            ),
            Flag("rounds", .required("N"), "runs of each, of which the median is shown (default: 3)"),
            Flag(
                "compare", .required("FILE"), "what an earlier run printed with --json, to be compared with"),
            Flag(
                "dir", .required("DIR"),
                "where the SQLite file stands while it runs (default: a folder for temporary files)"),
        ],
        printsData: true,
        notes: """
            Runs on a private redis-server without persistence, with the workers in this process. Locks, fence, results and
            settling are on, as shipped. START is from the push of a job to an idle worker until its first node begins, RESULT
            until whoever waits has been told. Quote ratios of one run rather than single figures: machines differ, and are noisy.
            A store that a URL names is measured as it is set: tables (penstock_bench_…) or keys (penstock:bench:…) are made there,
            and emptied again.

              penstock bench --stores sqlite:/var/tmp/bench.db --nodes 5 --slots 1
              penstock bench --json > before.json; penstock bench --compare before.json
            """
    ) { invocation in
        let plan = try BenchPlan(invocation)
        return try await BenchPlace.with(plan.folder) { place in
            let rows = try await plan.run(in: place)
            if let caution = plan.earlier?.caution(on: Machine.json) { invocation.output.note(caution) }
            invocation.output.show(
                .object([
                    "machine": .object(Machine.json), "runs": .array(rows.map { .object(plan.json(of: $0)) }),
                ]),
                Machine.text + "\n" + BenchRow.table(rows, comparedWith: plan.earlier))
            return .done
        }
    }
}

/// What is to be measured.
private struct BenchPlan {
    private let cases: [BenchCase]
    private let rounds: Int
    private let latencyJobs: Int
    let folder: String?
    let earlier: BenchReport?

    init(_ invocation: Invocation) throws {
        rounds = try invocation.count("rounds", otherwise: 3)
        latencyJobs = try invocation.count("latency", from: 0, otherwise: 100)
        folder = invocation.arguments["dir"]
        earlier = try invocation.arguments["compare"].map { try BenchReport(at: $0) }
        let stores =
            try invocation.arguments["stores"].map { list in
                try list.split(separator: ",").map { try BenchStore(String($0)) }
            } ?? BenchStore.all
        let nodes = try (invocation.arguments["nodes"] ?? "1,5").split(separator: ",").map { text in
            guard let count = Int(text), (1...1000).contains(count) else {
                throw Failure.misused("--nodes is a list of numbers from 1 to 1000, not \"\(text)\"")
            }
            return count
        }
        let jobs = try invocation.count("jobs", otherwise: 20_000)
        var plan = BenchCase(
            store: .memory, nodes: 1, jobs: jobs, slots: try invocation.count("slots", otherwise: 64),
            stateBytes: try invocation.count("state-bytes", otherwise: 100))
        plan.workers = try invocation.count("workers", otherwise: 1)
        plan.isEngineAlone = invocation.arguments.has("engine")
        plan.history = try invocation.count("history", from: 0, otherwise: 0)
        if invocation.arguments.has("sessions") || plan.history > 0 {
            plan.sessions = try invocation.count("sessions", otherwise: 64)
        }
        plan.waiting = try invocation.count("waiting", from: 0, otherwise: 0)
        cases = stores.flatMap { store in
            nodes.map { nodes in
                var plan = plan
                plan.store = store
                plan.nodes = nodes
                plan.jobs = nodes == 1 ? jobs : max(1, jobs / 2)
                return plan
            }
        }
    }

    /// Round by round, so that what disturbs the machine falls on all alike.
    func run(in place: BenchPlace) async throws -> [BenchRow] {
        var measured = cases.map { _ in [BenchRun.Measured]() }
        var latencies = cases.map { _ in BenchLatency() }
        for round in 0..<rounds {
            for (index, plan) in cases.enumerated() {
                let (run, latency) = try await place.measure(plan, latencyJobs: latencyJobs, round)
                measured[index].append(run)
                latencies[index] += latency
            }
        }
        return zip(cases, zip(measured, latencies)).map { BenchRow($0, $1.0, $1.1) }
    }

    func json(of row: BenchRow) -> JSONObject {
        var json = row.json
        if let before = earlier?.jobsPerSecond(of: row.plan) {
            json["jobs_per_second_before"] = JSON(before)
            json["ratio"] = JSON(row.jobsPerSecond / before)
        }
        return json
    }
}
