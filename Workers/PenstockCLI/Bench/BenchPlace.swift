import FoundationEssentials
import Penstock
import PenstockExecutors
import PenstockModel
import PenstockPlatform
import PenstockPool
import PenstockRedis

/// The scratch folder with its private server.
struct BenchPlace {
    let folder: String
    private var socket: String { folder + "/redis.sock" }
    private var redis: RedisAddress { RedisAddress(place: .unix(path: socket)) }
    /// One for all that is measured, as a worker has it for its life: each thread that a loop gets keeps memory of its own.
    private let loop = SocketLoop()
    /// Keeps the loop's thread between the measurements.
    private let client: RedisClient

    private init(in folder: String) {
        self.folder = folder
        client = RedisClient(RedisAddress(place: .unix(path: folder + "/redis.sock")), on: loop)
    }

    static func with(_ parent: String?, _ body: (BenchPlace) async throws -> ExitCode) async throws
        -> ExitCode
    {
        let files = FileManager.default
        let parent = parent ?? files.temporaryDirectory.path
        let place = BenchPlace(in: parent + "/penstock-bench-\(UUIDv7Source.shared.next())")
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
            try await place.client.connect()
            result = .success(try await body(place))
        } catch {
            result = .failure(error)
        }
        await place.client.close()
        await server.stop()
        try files.removeItem(atPath: place.folder)
        return try result.get()
    }

    /// Measures a case once, beginning with an empty store and an empty Redis; then so many jobs that are pushed one at a time, to see
    /// how long each takes.
    func measure(_ plan: BenchCase, latencyJobs: Int, _ round: Int) async throws -> (
        BenchRun.Measured, BenchLatency
    ) {
        var settings = StoreSettings()
        let address: StoreAddress
        switch plan.store {
        case .memory: address = .memory
        case .sqlite: address = .sqlite(path: folder + "/bench-\(plan.nodes)-\(round).db")
        case .redis: address = .redis(redis)
        case .address(let named):
            address = named
            settings.tablePrefix = "penstock_bench_"
            settings.keyPrefix = "penstock:bench:"
        }
        let checkpointer = try await address.open(with: settings, queue: PoolSettings().queue, on: loop)
        let run = BenchRun(
            redis: redis, store: checkpointer, traces: address.traces(in: redis, with: settings), plan: plan,
            loop: loop)
        if case .address = plan.store { try await checkpointer.clear() }
        try await run.prepare()
        let measured = try await plan.isEngineAlone ? run.measureEngine() : run.measureWorkers()
        let latency = plan.isEngineAlone ? BenchLatency() : try await run.measureLatency(latencyJobs)
        if case .address = plan.store { try await checkpointer.clear() }
        await checkpointer.close()
        _ = try await client.send(RedisCommand("FLUSHALL"))
        return (measured, latency)
    }
}
