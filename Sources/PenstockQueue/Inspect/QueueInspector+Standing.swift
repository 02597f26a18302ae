package import PenstockModel
import PenstockRedis

extension QueueInspector {
    /// The workers that are known, in order of their ids.
    package func workers() async throws(QueueError) -> [WorkerStanding] {
        let now = try await serverTime()
        let reply = try await ask(RedisCommand("ZRANGE", keys.workers, 0, -1, "WITHSCORES"))
        guard let parts = reply.asArray else { throw .unexpected(reply: "ZRANGE: \(reply)") }
        var beats: [(id: String, beat: Double)] = []
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            guard let id = parts[index].asString, let beat = parts[index + 1].asString.flatMap(Double.init)
            else { continue }
            beats.append((id, beat))
        }
        let records = try await askAll(beats.map { RedisCommand("HGETALL", keys.worker($0.id)) })
        var workers: [WorkerStanding] = []
        for ((id, beat), reply) in zip(beats, records) {
            guard let record = QueueRecord(reply) else { continue }
            let queues = record.words("queues")
            workers.append(
                WorkerStanding(
                    id: id, host: record.text("host"), pid: record.int("pid"),
                    version: record.text("version"), queues: queues, flows: record.words("flows"),
                    slots: record.int("slots") ?? 0, store: record.text("store"),
                    processing: try await claims(of: id, in: queues),
                    since: record.time("since"),
                    beatAge: .milliseconds(max(0, now.microseconds / 1000 - Int64(beat)))))
        }
        return workers.sorted { $0.id < $1.id }
    }

    private func claims(of worker: String, in queues: [String]) async throws(QueueError) -> Int {
        try await lengths(of: queues.map { keys.processing(worker, $0) }).reduce(0, +)
    }

    private func lengths(of lists: [String]) async throws(QueueError) -> [Int] {
        try await askAll(lists.map { RedisCommand("LLEN", $0) }).map { $0.asInt ?? 0 }
    }

    /// The queues that hold a job or are served by a worker, in order of their names.
    package func queues() async throws(QueueError) -> [QueueStanding] {
        var scan = KeyScan("queue", type: "list", of: self)
        var names = Set(try await scan.all())
        let workers = try await workers()
        for worker in workers { names.formUnion(worker.queues) }
        let paused = try await paused()
        names.formUnion(paused)
        let sorted = names.sorted()
        let waiting = try await lengths(of: sorted.map { keys.prefix + "queue:" + $0 })
        var standings: [QueueStanding] = []
        for (name, waiting) in zip(sorted, waiting) {
            let serving = workers.filter { $0.queues.contains(name) }
            let claimed = try await lengths(of: serving.map { keys.processing($0.id, name) })
            standings.append(
                QueueStanding(
                    name: name, waiting: waiting, processing: claimed.reduce(0, +), workers: serving.count,
                    isPaused: paused.contains(name),
                    limits: try await limits(of: .queue(QueueName(unchecked: name)))))
        }
        return standings
    }

    /// What does not stand in any queue.
    package func jobsOutsideQueues() async throws(QueueError) -> JobsOutsideQueues {
        let reply = try await ask(RedisCommand("SMEMBERS", keys.parkedSessions))
        let sessions = reply.asArray?.compactMap(\.asString) ?? []
        let parked = try await lengths(of: sessions.map { keys.parked($0) })
        let flows = try await ask(RedisCommand("SMEMBERS", keys.heldFlows)).asArray ?? []
        let held = try await lengths(of: flows.compactMap(\.asString).map { keys.held($0) })
        let sets = try await askAll([
            RedisCommand("ZCARD", keys.scheduled), RedisCommand("ZCARD", keys.dead),
        ])
        return JobsOutsideQueues(
            parked: parked.reduce(0, +), parkedSessions: sessions.count, held: held.reduce(0, +),
            scheduled: sets[0].asInt ?? 0,
            dead: sets[1].asInt ?? 0)
    }

    /// How many jobs wait in a queue.
    package func waiting(in queue: QueueName) async throws(QueueError) -> Int {
        let counts = try await askAll([
            RedisCommand("LLEN", keys.queue(queue)), RedisCommand("HGET", keys.heldIn, queue.text),
        ])
        return (counts[0].asInt ?? 0) + (counts[1].asInt ?? 0)
    }

    /// Cancels the jobs that wait in a queue now, for a place of their flow too; what is claimed, parked or scheduled goes on.
    ///
    /// - Returns: How many were cancelled.
    package func purge(_ queue: QueueName) async throws(QueueError) -> Int {
        let atOnce = 500
        // No more than there were: producers go on, and a purge has to end.
        var left = try await waiting(in: queue)
        var cancelled = 0
        while left > 0 {
            let count =
                try await run(
                    QueueScripts.purge, on: keys.queue(queue),
                    RedisArguments(
                        keys.prefix, min(atOnce, left), settings.recordLife.components.seconds,
                        settings.noticeLife.components.seconds)
                ).asInt ?? 0
            if count == 0 { break }
            cancelled += count
            left -= count
        }
        return cancelled
    }
}
