package import PenstockModel
import PenstockRedis

extension QueueInspector {
    /// Marks a job to be cancelled: whoever runs or claims it ends it, unless it is done before.
    ///
    /// - Returns: How it stood; nothing was changed if that is an end. `nil` if no worker has seen it yet: the mark waits for it.
    package func cancel(_ id: JobID) async throws(QueueError) -> JobStanding.Status? {
        let reply = try await run(
            QueueScripts.cancel, on: keys.job(id.text),
            RedisArguments(
                keys.prefix, id.text, settings.recordLife.components.seconds,
                settings.noticeLife.components.seconds))
        return reply.asString.flatMap(JobStanding.Status.init(rawValue:))
    }

    /// How a job stands; `nil` if it is not known, or no longer.
    package func job(_ id: JobID) async throws(QueueError) -> JobStanding? {
        let reply = try await ask(RedisCommand("HGETALL", keys.job(id.text)))
        return QueueRecord(reply).map { JobStanding(id: id.text, $0) }
    }

    /// Some jobs, in no order; all if there are no more than `limit`. Only those of a status, when one is given.
    package func jobs(
        _ status: JobStanding.Status?, limit: Int
    ) async throws(QueueError) -> [JobStanding] {
        var found: [JobStanding] = []
        var scan = KeyScan("job", type: "hash", of: self)
        while found.count < limit, let page = try await scan.next() {
            let replies = try await askAll(
                page.map { RedisCommand("HMGET", keys.job($0), RedisArguments(JobStanding.listed)) })
            for (id, reply) in zip(page, replies) {
                guard let record = QueueRecord(reply, of: JobStanding.listed) else { continue }
                let job = JobStanding(id: id, record)
                if status == nil || job.status == status { found.append(job) }
            }
        }
        return Array(found.prefix(limit))
    }
}
