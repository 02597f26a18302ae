import FoundationEssentials
import PenstockEngine
import PenstockExecutors
package import PenstockModel
import PenstockPlatform
import PenstockPool
import PenstockQueue
import PenstockRedis

/// A worker as a process: its signals, its service manager, its exit code.
package struct WorkerProcess: Sendable {
    private let settings: Settings
    private let flows: FlowSet
    private let log: Log
    private let notifier: ServiceNotifier
    private let reins = Reins()
    /// Of the queue, of a store on a server, and of what runs.
    private let loop = SocketLoop()

    package init(_ settings: Settings, flows: FlowSet, log: Log) {
        self.settings = settings
        self.flows = flows
        self.log = log
        notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
    }

    /// Works until it is told to leave, or the burst is over.
    ///
    /// TERM, INT and HUP let what runs come to a checkpoint; a second one stops it at once. Redis or a store that does not
    /// answer is waited for. `onReady` is called once, when the worker claims.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async -> ExitCode {
        Signals.ignoreBrokenPipe()
        ProcessFacts.raiseDescriptorLimit()
        let cron: CronFile?
        do {
            cron = try settings.cronFile()
        } catch {
            for fault in error.faults { log.error("the cron entries cannot be used", ["error": fault]) }
            return .misused
        }
        let signals = Signals.heard([.terminate, .interrupt, .hangUp])
        let opening = Task { await openStore() }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await obey(signals, opening) }
            group.addTask { await reportLife() }
            defer { group.cancelAll() }
            switch await opening.value {
            case .left: return .done
            case .refused: return .misused
            case .opened(let store):
                await work(with: store, cron, onReady)
                await store.close()
                return reins.isPulledTwice ? .failed : .done
            }
        }
    }

    private func work(
        with store: any Checkpointer, _ cron: CronFile?, _ onReady: @escaping @Sendable () -> Void
    ) async {
        if settings.storeAddress == .memory {
            log.warning(
                "the store is this process's memory: sessions end with it, and no other worker sees them")
        }
        var poolSettings = settings.pool
        poolSettings.cron = cron
        poolSettings.store = settings.storeText
        poolSettings.queue.traces = settings.traces
        let pool = WorkerPool(
            flows: flows.flows, store: store, redis: settings.redis, keys: settings.keys,
            settings: poolSettings, version: Version.text, log: log, on: loop)
        reins.take(pool)
        await pool.run {
            notifier.tell(.ready, .status("ready"))
            onReady()
        }
    }

    private func obey(_ signals: AsyncStream<Signals.Signal>, _ opening: Task<Opening, Never>) async {
        for await signal in signals {
            if reins.isPulled {
                log.warning("stopping at once", ["signal": "\(signal)"])
            } else {
                log.info("draining: what runs comes to a checkpoint", ["signal": "\(signal)"])
                notifier.tell(.stopping, .status("draining"))
            }
            reins.pull()
            opening.cancel()
        }
    }

    private func reportLife() async {
        guard let interval = notifier.watchdogInterval else { return }
        while !Task.isCancelled {
            notifier.tell(.alive)
            do { try await Task.sleep(for: interval / 2) } catch { return }
        }
    }
}

extension WorkerProcess {
    private enum Opening {
        case opened(any Checkpointer)
        /// Trying again is of no use.
        case refused
        /// It was told to leave before the store answered.
        case left
    }

    /// Asks until the store answers, or the task is cancelled.
    private func openStore() async -> Opening {
        let backoff = RetryPolicy.untilReached
        var store: (any Checkpointer)?
        var failures = 0
        while !Task.isCancelled {
            do throws(CheckpointerError) {
                let opened =
                    if let store { store } else {
                        try await settings.openStore(isKept: true, log: log, on: loop)
                    }
                store = opened
                for fact in try await opened.ping() {
                    guard let complaint = fact.complaint else { continue }
                    log.warning("the store: \(complaint)", [fact.name: fact.value])
                }
                return .opened(opened)
            } catch {
                let fields: KeyValuePairs<String, String?> = [
                    "store": "\(settings.storeAddress)", "error": "\(error)",
                ]
                guard error.isPassing else {
                    log.error("the store cannot be used", fields)
                    await store?.close()
                    return .refused
                }
                if failures == 0 {
                    log.error("the store cannot be reached, trying on", fields)
                    notifier.tell(.status("waiting for the store"))
                }
                failures += 1
                do { try await Task.sleep(for: backoff.delay(beforeRetry: failures)) } catch { break }
            }
        }
        await store?.close()
        return .left
    }
}

extension CheckpointerError {
    /// Whether waiting may help.
    fileprivate var isPassing: Bool {
        if case .unavailable = self { true } else { false }
    }
}
