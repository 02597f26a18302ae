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
    ///
    /// One of which nothing is known yet is looked for in the queues, among the ``mostSearched`` messages that are claimed next in each.
    package func job(
        _ id: JobID, lookingInQueues: Bool = true
    ) async throws(QueueError) -> JobStanding? {
        // The note first: it may become a record at any time.
        let replies = try await askAll([
            RedisCommand("HGET", keys.noted, id.text), RedisCommand("HGETALL", keys.job(id.text)),
        ])
        let record = QueueRecord(replies[1])
        if let record, record.text("status") != nil { return JobStanding(id: id.text, record) }
        if let note = QueueRecord(note: replies[0], of: id.text) { return JobStanding(id: id.text, note) }
        guard lookingInQueues, var waiting = try await waiting(id) else { return nil }
        waiting.add(record)
        return JobStanding(id: id.text, waiting)
    }

    /// Of each list so many messages are looked through for a job that has no record.
    static var mostSearched: Int { 100_000 }
    static var searchedAtOnce: Int { 1000 }

    /// What the message of a job says that waits in a queue.
    private func waiting(_ id: JobID) async throws(QueueError) -> QueueRecord? {
        var scan = KeyScan("queue", type: "list", of: self)
        for queue in try await scan.all() {
            for start in stride(from: 0, to: Self.mostSearched, by: Self.searchedAtOnce) {
                let reply = try await ask(
                    RedisCommand(
                        "LRANGE", keys.prefix + "queue:" + queue, -start - Self.searchedAtOnce, -start - 1))
                guard let messages = reply.asArray, !messages.isEmpty else { break }
                for message in messages {
                    guard let bytes = message.asBytes,
                        let found = try? JobMessage(parsing: bytes, maxBytes: settings.maxMessageBytes),
                        found.id == id
                    else { continue }
                    return QueueRecord([
                        "status": "waiting", "queue": queue, "session": found.session.text,
                        "flow": found.flow.text,
                    ])
                }
            }
        }
        return nil
    }

    /// Some jobs, in no order; all if there are no more than `limit`. Only those of a status, when one is given.
    package func jobs(
        _ status: JobStanding.Status?, limit: Int
    ) async throws(QueueError) -> [JobStanding] {
        // The notes first: each may become a record at any time.
        let noted = status == nil || status == .waiting ? try await noted(limit: limit) : []
        var found: [JobStanding] = []
        var recorded: Set<String> = []
        var scan = KeyScan("job", type: "hash", of: self)
        while found.count < limit, let page = try await scan.next() {
            let replies = try await askAll(
                page.map { RedisCommand("HMGET", keys.job($0), RedisArguments(JobStanding.listed)) })
            for (id, reply) in zip(page, replies) {
                guard let record = QueueRecord(reply, of: JobStanding.listed) else { continue }
                let job = JobStanding(id: id, record)
                recorded.insert(id)
                if status == nil || job.status == status { found.append(job) }
            }
        }
        return Array((found + noted.filter { !recorded.contains($0.id) }).prefix(limit))
    }

    /// Some of the jobs that were enqueued and not claimed yet.
    private func noted(limit: Int) async throws(QueueError) -> [JobStanding] {
        var found: [JobStanding] = []
        var scan = HashScan(keys.noted, of: self)
        while found.count < limit, let page = try await scan.next() {
            found += page.compactMap { id, note in
                QueueRecord(note: note, of: id).map { JobStanding(id: id, $0) }
            }
        }
        return found
    }
}
