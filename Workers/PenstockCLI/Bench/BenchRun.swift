import Penstock
import PenstockEngine
import PenstockExecutors
import PenstockJSON
import PenstockModel
import PenstockPlatform
import PenstockPool
import PenstockQueue
import PenstockRedis
import Synchronization

/// One measured run of jobs.
struct BenchRun: Sendable {
    let redis: RedisAddress
    let store: any Checkpointer
    /// What the store leaves in the queue's Redis.
    let traces: StoreTraces?
    let plan: BenchCase
    /// Shared by the store and a worker, as in a worker's process. Every other worker has one of its own.
    let loop: SocketLoop
    /// What makes a state as large as the plan has it.
    private let filler: String

    init(
        redis: RedisAddress, store: any Checkpointer, traces: StoreTraces?, plan: BenchCase, loop: SocketLoop
    ) {
        self.redis = redis
        self.store = store
        self.traces = traces
        self.plan = plan
        self.loop = loop
        filler = String(repeating: "s", count: plan.stateBytes)
    }

    /// What the jobs took.
    struct Measured: Sendable {
        let jobs: Int
        let elapsed: Duration
        /// Processor time of this process: workers and, where it is in this process, store.
        let workerTime: Duration
        /// Processor time of the Redis server.
        let redisTime: Duration
        /// The memory that this process holds afterwards, in bytes.
        let residentBytes: Int
        /// What it took a producer's client to enqueue as many; `nil` where there is no queue.
        var enqueuing: Duration?
    }

    static let queue: QueueName = "bench"

    /// Brings about what there is before the jobs come: sessions, and their history.
    func prepare() async throws {
        guard let sessions = plan.sessions else { return }
        // As many checkpoints as it takes, in runs of a flow of the same name.
        let nodes = min(max(plan.history, 1), 500)
        let engine = try FlowEngine(flow(nodes: nodes), checkpointer: store)
        try await sideBySide(sessions, upTo: 64) { index in
            for _ in stride(from: 0, to: max(plan.history, 1), by: nodes) {
                _ = try await engine.invoke(input, sessionID: session(index))
            }
        }
    }

    /// Has the engine run every job, so many side by side: no queue, no locks; openings, fence and checkpoints as shipped.
    func measureEngine() async throws -> Measured {
        let engine = try FlowEngine(flow(nodes: plan.nodes), checkpointer: store)
        let before = ProcessFacts.processorTime
        let elapsed = try await ContinuousClock().measure {
            try await sideBySide(plan.jobs, upTo: plan.slots) { job in
                _ = try await engine.invoke(input, sessionID: session(job))
            }
        }
        return Measured(
            jobs: plan.jobs, elapsed: elapsed, workerTime: ProcessFacts.processorTime - before,
            redisTime: .zero,
            residentBytes: ProcessFacts.residentBytes)
    }

    /// Jobs are pushed first, then workers of this process run them all, with locks, fence, results and settling as shipped.
    ///
    /// - Throws: ``Failure`` when not every job ended done: a figure for work that was not done is none.
    func measureWorkers() async throws -> Measured {
        let place = BenchQueue(redis)
        try await place.push(plan.jobs + plan.waiting) { message(of: "b\($0)", in: session($0)) }
        let flow = flow(nodes: plan.nodes)
        let pools = (0..<plan.workers).map { index in
            place.pool(
                [flow], over: store, slots: plan.slots, isBurst: true, tracedBy: traces,
                on: index == 0 ? loop : SocketLoop())
        }
        let redisBefore = try await place.processorTime()
        let before = ProcessFacts.processorTime
        var measured = try await whileRunning(pools) {
            let elapsed = try await ContinuousClock().measure {
                // They are claimed in their order, so that all have ended once the last that ran side by side have.
                for job in max(0, plan.jobs - plan.slots * plan.workers)..<plan.jobs {
                    try await place.waitForEnd(of: "b\(job)")
                }
            }
            return Measured(
                jobs: plan.jobs, elapsed: elapsed, workerTime: ProcessFacts.processorTime - before,
                redisTime: try await place.processorTime() - redisBefore,
                residentBytes: ProcessFacts.residentBytes)
        }
        measured.enqueuing = try await place.enqueue(
            plan.jobs, of: "bench", with: ["filler": .string(filler)])
        try await place.checkEnds(of: (0..<plan.jobs).map { "b\($0)" })
        await place.close()
        return measured
    }

    /// So many jobs one at a time, each pushed to a worker that has nothing to do.
    func measureLatency(_ count: Int) async throws -> BenchLatency {
        guard count > 0 else { return BenchLatency() }
        let place = BenchQueue(redis)
        let started = Mutex(ContinuousClock.now)
        let first = NodeName(unchecked: "n1")
        let flow = flow(nodes: plan.nodes) { if $0 == first { started.withLock { $0 = .now } } }
        let pool = place.pool([flow], over: store, slots: plan.slots, tracedBy: traces, on: loop)
        let latency = try await whileRunning([pool]) {
            var latency = BenchLatency()
            // The first few find a worker that has done nothing yet.
            for number in -10..<count {
                let job = "l\(number + 10)"
                let message = message(of: job, in: SessionID(unchecked: "latency-\(job)"))
                let before = ContinuousClock.now
                try await place.push(1) { _ in message }
                try await place.waitForEnd(of: job)
                let end = ContinuousClock.now
                if number >= 0 { latency.add(start: started.withLock(\.self) - before, result: end - before) }
                try await Task.sleep(for: .milliseconds(2))
            }
            return latency
        }
        await place.close()
        return latency
    }

    /// Does something while workers work, and sends them home, whatever comes of it.
    private func whileRunning<Answer>(_ pools: [WorkerPool], _ body: () async throws -> Answer) async throws
        -> Answer
    {
        try await withTaskGroup(of: Void.self) { group in
            for pool in pools { group.addTask { await pool.run() } }
            let answer: Result<Answer, any Error>
            do {
                answer = .success(try await body())
            } catch {
                answer = .failure(error)
            }
            for pool in pools { pool.drain() }
            await group.waitForAll()
            return answer
        }.get()
    }

    // MARK: - The work

    /// Does so many things, up to so many at once.
    private func sideBySide(
        _ count: Int, upTo width: Int, _ body: @escaping @Sendable (Int) async throws -> Void
    )
        async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<min(width, count) {
                group.addTask {
                    for index in stride(from: lane, to: count, by: width) { try await body(index) }
                }
            }
            try await group.waitForAll()
        }
    }

    /// One after the other of those that there are; far from the one before it.
    private func session(_ job: Int) -> SessionID {
        guard let sessions = plan.sessions else { return SessionID(unchecked: "s\(job)") }
        // A prime, so that each has its turn.
        return SessionID(unchecked: "s\(job * 7_919 % sessions)")
    }

    private var input: Update<JSONObject> { Update(partial: ["filler": .string(filler)]) }

    private func message(of job: String, in session: SessionID) -> String {
        #"{"flow":"bench","id":"\#(job)","session_id":"\#(session)","input":{"filler":"\#(filler)"}}"#
    }

    /// Nodes that each set one key, as a file would declare them.
    private func flow(
        nodes: Int, onNode: @escaping @Sendable (NodeName) -> Void = { _ in }
    ) -> Flow<JSONObject> {
        let names = (1...nodes).map { NodeName(unchecked: "n\($0)") }
        return Flow(
            declared: "bench", version: 1, reducers: [:],
            nodes: names.map { name in
                Node(light: name) { _, _ in
                    onNode(name)
                    return Update(partial: ["at": .string(name.text)])
                }
            },
            edges: zip([.start] + names, names + [.end]).map { Edge($0, $1) }, routes: [])
    }
}
