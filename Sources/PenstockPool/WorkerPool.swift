package import PenstockEngine
package import PenstockExecutors
package import PenstockModel
import PenstockPlatform
package import PenstockQueue
package import PenstockRedis
import Synchronization

/// A worker: claims jobs from its queues, runs them side by side in its slots, and settles them.
package final class WorkerPool: Sendable {
    package let worker: WorkerID
    private let settings: PoolSettings
    private let facts: WorkerFacts
    private let client: RedisClient
    private let loop: SocketLoop
    private let address: RedisAddress
    private let queue: JobQueue
    private let board: SlotBoard
    private let runner: JobRunner
    private let heart: Heart
    private let cleaner: Cleaner
    private let bell = Doorbell()
    private let phase = Mutex(Phase.starting)
    private let log: Log

    private static let backoff = RetryPolicy.untilReached

    private enum Phase: Comparable {
        /// Until it is registered.
        case starting
        case working
        case draining
        case halting
    }

    /// The flows must be without faults. The loop serves the connections to the queue, and runs the jobs but for what the authors of
    /// flows wrote.
    package init(
        flows: [any RunnableFlow], store: any Checkpointer, redis address: RedisAddress, keys: QueueKeys,
        settings: PoolSettings, version: String, log: Log, on loop: SocketLoop = SocketLoop()
    ) {
        let host = ProcessFacts.hostName
        let pid = Int(ProcessFacts.pid)
        let worker = WorkerID(host: host, pid: pid)
        let log = log.with(["worker": worker.text])
        self.worker = worker
        self.settings = settings
        self.address = address
        self.loop = loop
        self.log = log
        let runners = flows.map(\.runner)
        facts = WorkerFacts(
            host: host, pid: pid, flows: runners.map(\.name), slots: settings.slots, version: version,
            store: settings.store)
        client = RedisClient(address, settings: RedisSettings(clientName: worker.text), on: loop)
        let calls = QueueCalls(
            keys: keys, worker: worker, queues: settings.queues.names, settings: settings.queue)
        queue = JobQueue(calls: calls, client: client)
        board = SlotBoard(count: settings.slots, executor: loop)
        let teller = EventTeller(settings.events, client: client, keys: keys)
        runner = JobRunner(
            flows: Dictionary(runners.map { ($0.name, $0) }) { first, _ in first }, store: store,
            queue: queue,
            board: board, teller: teller, settings: settings, log: log)
        heart = Heart(
            calls: calls, address: address, board: board, teller: teller, bell: bell, facts: facts,
            settings: settings.heart,
            log: log)
        cleaner = Cleaner(
            of: store, keeping: settings.retention(of: runners), queue: queue, settings: settings.cleaning,
            log: log)
    }

    /// Works until it is drained, or the burst is over.
    ///
    /// - Parameter onReady: Called once, when the worker is registered in Redis and claims.
    package func run(onReady: @Sendable () -> Void = {}) async {
        await withTaskExecutorPreference(loop) { await work(onReady) }
    }

    @concurrent private func work(_ onReady: @Sendable () -> Void) async {
        guard await register() else {
            // It may be registered all the same.
            await leave()
            return await client.close()
        }
        await applyCron()
        let thread = heart.start()
        let surroundings = surroundings
        await surroundings.warnOfEviction()
        await surroundings.warnOfOtherStores()
        onReady()
        log.info(
            "ready",
            [
                "queues": settings.queues.names.map(\.text).joined(separator: ","),
                "slots": "\(settings.slots)",
                "flows": facts.flows.map(\.text).joined(separator: ","),
                "store": settings.store.isEmpty ? nil : settings.store,
            ])
        let cleaning = Task { if !settings.isBurst { await cleaner.clean() } }
        let listeners = settings.queues.names.map { name in
            QueueListener(
                at: queue.calls.keys.queue(name),
                over: RedisConnection(
                    address, settings: RedisSettings(clientName: "\(worker)-\(name)"), on: loop),
                ringing: bell)
        }
        await withTaskGroup(of: Void.self) { group in
            for listener in listeners { group.addTask { await listener.listen() } }
            var loop = ClaimLoop(
                queues: settings.queues, queue: queue, board: board, runner: runner, heart: heart,
                bell: bell, client: client, log: log)
            await claim(with: &loop, listeners)
            group.cancelAll()
        }
        cleaning.cancel()
        await finish()
        heart.stop()
        // To join holds a thread up, which the loop's must not be.
        await Task(executorPreference: globalConcurrentExecutor) { thread.join() }.value
        await leave()
        await client.close()
        await cleaning.value
    }

    /// Stops claiming; runs end after the node that they are at, are checkpointed, and go back to their queue.
    /// After the grace they are cancelled.
    package func drain() {
        let before = phase.withLock { phase in
            defer { if phase < .draining { phase = .draining } }
            return phase
        }
        guard before < .draining else { return }
        board.requestStop()
        bell.ring(.lull)
        if before == .starting { Task { await closeSoon() } }
    }

    /// Cancels what runs, at once.
    package func halt() {
        let before = phase.withLock { phase in
            defer { phase = .halting }
            return phase
        }
        board.halt()
        bell.ring(.lull)
        if before == .starting { Task { await closeSoon() } }
    }

    private var isWorking: Bool { phase.withLock { $0 < .draining } }
    private var isHalting: Bool { phase.withLock { $0 == .halting } }

    /// Asks until Redis answers; `false` when the worker is to leave before that.
    private func register() async -> Bool {
        var failures = 0
        while isWorking {
            do {
                try await queue.register(facts)
                return phase.withLock { phase in
                    if phase == .starting { phase = .working }
                    return phase == .working
                }
            } catch {
                if failures == 0 {
                    let trouble =
                        if case .refused = error { "Redis refuses us" } else { "Redis cannot be reached" }
                    log.error("\(trouble), trying on", ["redis": "\(address)", "error": "\(error)"])
                }
                failures += 1
                do {
                    try await Task.sleep(for: Self.backoff.delay(beforeRetry: failures))
                } catch { return false }
            }
        }
        return false
    }

    private var surroundings: Surroundings {
        Surroundings(
            inspector: QueueInspector(keys: queue.calls.keys, settings: settings.queue, client: client),
            settings: settings, flows: facts.flows, redis: address, log: log)
    }

    /// Asks until Redis answers, or the worker is to leave.
    private func applyCron() async {
        guard let file = settings.cron else { return }
        let surroundings = surroundings
        var failures = 0
        while isWorking {
            do throws(QueueError) {
                try await surroundings.inspector.apply(file).tell(of: file, to: log)
                surroundings.warnOfUnknownFlows(in: file)
                return
            } catch {
                if failures == 0 {
                    log.error("the cron entries were not applied", ["file": file.path, "error": "\(error)"])
                }
                failures += 1
                guard case .unavailable = error else { return }
                do { try await Task.sleep(for: Self.backoff.delay(beforeRetry: failures)) } catch { return }
            }
        }
    }

    private func claim(with loop: inout ClaimLoop, _ listeners: [QueueListener]) async {
        while isWorking {
            await board.waitForFree()
            guard isWorking else { return }
            let freeCount = board.freeCount
            switch await loop.turn(registering: facts) {
            case .claimed: break
            case .failed(let pause): await sleep(pause)
            case .empty(let pause, let watches):
                if settings.isBurst {
                    if freeCount < board.count {
                        await board.waitForChange(from: freeCount)
                    } else if await !loop.moveDue(atMost: settings.heart.maxDue) {
                        return drain()
                    }
                    continue
                }
                await sleep(pause)
                for (listener, watch) in zip(listeners, watches) { listener.arm(for: watch) }
                loop.wasRung = await bell.wait() == .element
            }
        }
    }

    private func sleep(_ pause: Duration) async {
        guard pause > .zero else { return }
        do { try await Task.sleep(for: pause) } catch {}
    }

    /// Lets the running nodes end within the grace, then cancels them; what heeds no cancellation is left behind.
    private func finish() async {
        if await board.waitForIdle(atMost: isHalting ? .zero : settings.grace) { return }
        if !isHalting {
            log.warning("the grace is over: cancelling what runs", ["running": "\(board.busyCount)"])
        }
        board.halt()
        if await !board.waitForIdle(atMost: settings.haltPatience) {
            log.error(
                "leaving with jobs that do not end: the other workers give them back",
                ["running": "\(board.busyCount)"])
        }
    }

    /// Closes the client once the patience is over: whatever still waits for Redis ends.
    private func closeSoon() async {
        do { try await Task.sleep(for: settings.haltPatience) } catch { return }
        await client.close()
    }

    /// Hands back what was claimed and does not run, and takes the worker off the list.
    private func leave() async {
        let limit = Task { await closeSoon() }
        defer { limit.cancel() }
        let standing = board.standing { queue.calls.lastNumber }
        do {
            _ = try await queue.recover(
                running: standing.claims, upTo: standing.lastNumber, unlockedToo: !standing.handlesUnlocked)
            let left = try await queue.leave()
            log.info("left", ["claims_left": left == 0 ? nil : "\(left)"])
        } catch {
            log.warning("left without a word to Redis: the other workers will notice", ["error": "\(error)"])
        }
    }
}

extension CronFileOutcome {
    fileprivate func tell(of file: CronFile, to log: Log) {
        func names(_ list: [String]) -> String? { list.isEmpty ? nil : list.joined(separator: ",") }
        log.info(
            "cron entries applied",
            [
                "file": file.path, "added": names(added), "changed": names(changed),
                "removed": names(removed),
            ])
        guard let names = names(leftOut) else { return }
        log.warning(
            "cron entries of the file were left out: one of that name was added by command",
            ["file": file.path, "names": names])
    }
}
