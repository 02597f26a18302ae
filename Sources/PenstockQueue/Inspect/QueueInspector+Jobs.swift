package import PenstockModel
import PenstockRedis

extension QueueInspector {
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
