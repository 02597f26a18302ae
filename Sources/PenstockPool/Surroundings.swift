import PenstockModel
import PenstockQueue
import PenstockRedis

/// What a worker finds around it when it starts, and has to say of it.
struct Surroundings: Sendable {
    let inspector: QueueInspector
    let settings: PoolSettings
    /// The flows that the worker has.
    let flows: [FlowName]
    let redis: RedisAddress
    let log: Log

    /// Another worker may have the flow, or there is a typo, and a job is lost at every time of the entry.
    func warnOfUnknownFlows(in file: CronFile) {
        for entry in file.entries where !flows.contains(entry.job.flow) {
            log.warning(
                "this worker does not know the flow of a cron entry"
                    + Nearest.suggestion(for: entry.job.flow.text, among: flows.map(\.text)),
                ["cron": entry.name.text, "flow": entry.job.flow.text])
        }
    }

    /// Jobs that Redis may throw away cannot be kept by anybody: that has to be known before one is lost.
    func warnOfEviction() async {
        let eviction: RedisServerFacts.Fact
        do {
            eviction = try await inspector.memory().eviction(of: .jobs)
        } catch {
            // Redis does not let us ask, or is away again; the claim loop says that.
            return
        }
        guard let complaint = eviction.complaint else { return }
        log.warning("jobs may be lost: \(complaint)", ["redis": "\(redis)", "eviction": eviction.value])
    }

    /// A session that one worker keeps here and the next one there has two histories, and nobody notices.
    func warnOfOtherStores() async {
        guard !settings.store.isEmpty, let workers = try? await inspector.workers() else { return }
        let queues = Set(settings.queues.names.map(\.text))
        for other in workers where other.store != settings.store && !queues.isDisjoint(with: other.queues) {
            guard let store = other.store, !store.isEmpty else { continue }
            log.warning(
                "another worker of these queues names another store: if it is not the same one, sessions are torn in two",
                ["other": other.id, "its_store": store, "store": settings.store])
            return
        }
    }
}
