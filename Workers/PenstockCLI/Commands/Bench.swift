import FoundationEssentials
import Penstock
import PenstockJSON
import PenstockModel
import PenstockPlatform
import PenstockPool
import PenstockRedis

extension Command {
    static let bench = Command(
        name: "bench",
        summary: "measure jobs and checkpoints a second on this machine, store by store",
        flags: [
            Flag(
                "jobs", .required("N"),
                "jobs of one node in each run; of more nodes, half as many (default: 20000)"),
            Flag("nodes", .required("LIST"), "how many nodes the flows have, a comma between (default: 1,5)"),
            Flag("slots", .required("N"), "jobs that run side by side (default: 64)"),
            Flag("state-bytes", .required("N"), "the size of a session's state (default: 100)"),
            Flag(
                "stores", .required("LIST"),
                "memory, sqlite, redis, or a store's URL, a comma between (default: memory,sqlite,redis)"),
            Flag("engine", .none, "the flow engine by itself: no queue, no locks"),
            Flag("rounds", .required("N"), "runs of each, of which the median is shown (default: 3)"),
            Flag(
                "dir", .required("DIR"),
                "where the SQLite file stands while it runs (default: a folder for temporary files)"),
        ],
        printsData: true,
        notes: """
            Runs on a private redis-server without persistence, with a worker in this process. Locks, fence, results and
            settling are on, as shipped. Quote ratios of one run rather than single figures: machines differ, and are noisy.
            A store that a URL names is measured as it is set: tables (penstock_bench_…) or keys (penstock:bench:…) are made there,
            and emptied again.

              penstock bench --stores sqlite:/var/tmp/bench.db --nodes 5 --slots 1
            """
    ) { invocation in
        let plan = try BenchPlan(invocation)
        return try await BenchPlace.with(plan.folder) { place in
            let rows = try await plan.run(in: place)
            invocation.output.show(
                .object(["machine": .object(Machine.json), "runs": .array(rows.map(\.json))]),
                Machine.text + "\n" + BenchRow.table(rows))
            return .done
        }
    }
}

/// What is to be measured.
private struct BenchPlan {
    let jobs: Int
    let slots: Int
    let stateBytes: Int
    let rounds: Int
    let stores: [BenchStore]
    let nodes: [Int]
    let folder: String?
    let isEngineAlone: Bool

    init(_ invocation: Invocation) throws {
        jobs = try invocation.count("jobs", otherwise: 20_000)
        slots = try invocation.count("slots", otherwise: 64)
        stateBytes = try invocation.count("state-bytes", otherwise: 100)
        rounds = try invocation.count("rounds", otherwise: 3)
        folder = invocation.arguments["dir"]
        isEngineAlone = invocation.arguments.has("engine")
        stores =
            try invocation.arguments["stores"].map { list in
                try list.split(separator: ",").map { try BenchStore(String($0)) }
            } ?? BenchStore.all
        nodes = try (invocation.arguments["nodes"] ?? "1,5").split(separator: ",").map { text in
            guard let count = Int(text), (1...1000).contains(count) else {
                throw Failure.misused("--nodes is a list of numbers from 1 to 1000, not \"\(text)\"")
            }
            return count
        }
    }

    /// Round by round, so that what disturbs the machine falls on all alike.
    func run(in place: BenchPlace) async throws -> [BenchRow] {
        let cases = stores.flatMap { store in nodes.map { (store, $0) } }
        var measured = cases.map { _ in [BenchRun.Measured]() }
        for round in 0..<rounds {
            for (index, (store, nodes)) in cases.enumerated() {
                measured[index].append(try await place.measure(store, nodes: nodes, by: self, round))
            }
        }
        return zip(cases, measured).map { BenchRow($0.0, $0.1, $1) }
    }
}

/// The scratch folder with its private server.
private struct BenchPlace {
    let folder: String
    private var socket: String { folder + "/redis.sock" }

    static func with(_ parent: String?, _ body: (BenchPlace) async throws -> ExitCode) async throws
        -> ExitCode
    {
        let files = FileManager.default
        let parent = parent ?? files.temporaryDirectory.path
        let place = BenchPlace(folder: parent + "/penstock-bench-\(ProcessFacts.pid)")
        do {
            try files.createDirectory(
                atPath: place.folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure.misused("the folder \(place.folder) cannot be made: \(error)")
        }
        let server = PrivateRedis(at: place.socket, in: place.folder, options: ["--appendonly", "no"])
        let result: Result<ExitCode, any Error>
        do {
            try await server.waitUntilReady()
            result = .success(try await body(place))
        } catch {
            result = .failure(error)
        }
        await server.stop()
        try files.removeItem(atPath: place.folder)
        return try result.get()
    }

    func measure(
        _ store: BenchStore, nodes: Int, by plan: BenchPlan, _ round: Int
    ) async throws -> BenchRun.Measured {
        let redis = RedisAddress(place: .unix(path: socket))
        var settings = StoreSettings()
        let address: StoreAddress
        switch store {
        case .memory: address = .memory
        case .sqlite: address = .sqlite(path: folder + "/bench-\(nodes)-\(round).db")
        case .redis: address = .redis(redis)
        case .address(let named):
            address = named
            settings.tablePrefix = "penstock_bench_"
            settings.keyPrefix = "penstock:bench:"
        }
        let checkpointer = try await address.open(with: settings, queue: PoolSettings().queue)
        let run = BenchRun(
            redis: redis, store: checkpointer, nodes: nodes,
            jobs: nodes == 1 ? plan.jobs : max(1, plan.jobs / 2),
            slots: plan.slots, stateBytes: plan.stateBytes)
        if case .address = store { try await checkpointer.clear() }
        let measured = try await plan.isEngineAlone ? run.measureEngine() : run.measureWorker()
        if case .address = store { try await checkpointer.clear() }
        await checkpointer.close()
        let client = RedisClient(redis)
        _ = try await client.send(RedisCommand("FLUSHALL"))
        await client.close()
        return measured
    }
}

/// The median run of one store and one flow.
private struct BenchRow {
    let store: BenchStore
    let nodes: Int
    let median: BenchRun.Measured

    init(_ store: BenchStore, _ nodes: Int, _ runs: [BenchRun.Measured]) {
        self.store = store
        self.nodes = nodes
        median = runs.sorted { $0.elapsed < $1.elapsed }[runs.count / 2]
    }

    /// Processor milliseconds a job.
    private func cost(_ time: Duration) -> Double { time.inSeconds * 1000 / Double(median.jobs) }

    var json: JSON {
        [
            "store": .string(store.name), "durability": .string(store.durability),
            "nodes": .number(.init(nodes)), "slots": .number(.init(median.slots)),
            "jobs": .number(.init(median.jobs)), "jobs_per_second": .number(.init(median.jobsPerSecond)),
            "checkpoints_per_second": .number(.init(median.checkpointsPerSecond)),
            "worker_cpu_seconds_per_1000_jobs": .number(.init(cost(median.workerTime))),
            "redis_cpu_seconds_per_1000_jobs": .number(.init(cost(median.redisTime))),
            "resident_bytes": .number(.init(median.residentBytes)),
        ]
    }

    static func table(_ rows: [BenchRow]) -> String {
        var table = Table([
            "STORE", "DURABILITY", "NODES#", "JOBS/S#", "CHECKPOINTS/S#", "WORKER ms/job#", "REDIS ms/job#",
            "MEMORY MB#",
        ])
        for row in rows {
            table.add([
                row.store.name, row.store.durability, "\(row.nodes)", "\(Int(row.median.jobsPerSecond))",
                "\(Int(row.median.checkpointsPerSecond))", row.cost(row.median.workerTime).thousandths,
                row.cost(row.median.redisTime).thousandths, "\(row.median.residentBytes >> 20)",
            ])
        }
        return table.text
    }
}

/// What was measured on.
private enum Machine {
    static var json: JSONObject {
        [
            "processor": .string(ProcessFacts.processorModel),
            "cores": .number(.init(ProcessFacts.coreCount)),
            "memory_bytes": .number(.init(ProcessFacts.memoryBytes)), "kernel": .string(ProcessFacts.kernel),
            "penstock": .string(Version.text),
        ]
    }

    static var text: String {
        "\(ProcessFacts.processorModel), \(ProcessFacts.coreCount) cores, \(ProcessFacts.memoryBytes >> 30) GiB, "
            + "\(ProcessFacts.kernel), penstock \(Version.text)\n"
    }
}

extension Double {
    /// With three digits behind the point.
    fileprivate var thousandths: String {
        let value = Int((self * 1000).rounded())
        let rest = String(value % 1000)
        return "\(value / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}
