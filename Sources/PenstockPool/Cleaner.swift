import PenstockModel
import PenstockQueue

/// Removes from the store what is no longer kept of the sessions of a worker's flows: a pass an hour, by one worker at a time.
///
/// A pass takes a small share of the store's time, however much there is to remove.
struct Cleaner: Sendable {
    private let store: any Checkpointer
    private let retention: Retention
    private let queue: JobQueue
    private let settings: CleaningSettings
    private let log: Log

    init(
        of store: any Checkpointer, keeping retention: Retention, queue: JobQueue, settings: CleaningSettings,
        log: Log
    ) {
        self.store = store
        self.retention = retention
        self.queue = queue
        self.settings = settings
        self.log = log
    }

    /// Makes pass after pass, until the task is cancelled. What fails is tried again by the next pass.
    func clean() async {
        do {
            try await Task.sleep(for: settings.delay)
            while true {
                let next = ContinuousClock.now + settings.interval
                do {
                    try await pass()
                } catch {
                    if Task.isCancelled { return }
                    log.warning("cleaning is left to the next pass", ["error": "\(error)"])
                }
                try await Task.sleep(until: next)
            }
        } catch {
            // Cancelled.
        }
    }

    /// One pass over the sessions of those flows whose turn this worker gets.
    ///
    /// - Returns: What was removed; `nil` if other workers have the turn of all.
    @discardableResult
    func pass() async throws -> Removed? {
        let flows = try await queue.takeCleaning(of: retention.flows.keys.sorted(), for: settings.interval)
        guard !flows.isEmpty else { return nil }
        var retention = retention
        retention.flows = retention.flows.filter { flows.contains($0.key) }
        let start = ContinuousClock.now
        var removed = Removed()
        // What was removed before a failure is told too.
        defer { tell(removed, since: start) }
        var position: CleaningPosition?
        repeat {
            let begin = ContinuousClock.now
            // By Redis' clock: one worker whose clock is a year ahead must not take all to be old.
            let page = try await store.clean(
                retention, from: position, limit: settings.pageSize, isDryRun: false, now: queue.time())
            removed += page.total
            position = page.next
            guard position != nil else { break }
            try await Task.sleep(for: (.now - begin) * settings.rest)
            // A pass may take longer than its turn lasts.
            guard try await queue.takeCleaning(of: flows, for: settings.interval) == flows else { break }
        } while true
        return removed
    }

    private func tell(_ removed: Removed, since start: ContinuousClock.Instant) {
        guard removed != Removed() else { return }
        log.info(
            "cleaned the store",
            [
                "checkpoints": "\(removed.checkpoints)", "bytes": "\(removed.bytes)",
                "jobs": "\(removed.jobs)",
                "seconds": "\((ContinuousClock.now - start).inSeconds)",
            ])
    }
}
