package import PenstockModel
package import PenstockRedis

/// What came of enqueueing a job.
package enum Enqueued: Hashable, Sendable {
    case new
    /// A job of this id stood so before: one that is done is not run again, one that is dead is.
    case known(status: String)
    /// A job of this id is known with another session or flow: nothing was enqueued.
    case conflict
    /// Redis' scripts would not find their way in the message, so no worker would take it: nothing was enqueued.
    case unreadable
    /// That job, which has not ended, has the unique key: nothing was enqueued.
    case duplicate(of: String)
    /// That job has the session's turn, and this one would rather not wait: nothing was enqueued.
    case busy(with: String)
    /// So many wait already, as many as may: nothing was enqueued.
    case full(waiting: Int)

    fileprivate init?(_ word: String, _ detail: String, waiting: Int) {
        switch word {
        case "new": self = .new
        case "known": self = .known(status: detail)
        case "conflict": self = .conflict
        case "unreadable": self = .unreadable
        case "duplicate": self = .duplicate(of: detail)
        case "busy": self = .busy(with: detail)
        case "full": self = .full(waiting: waiting)
        default: return nil
        }
    }
}

extension QueueInspector {
    /// Puts a job at the end of a queue.
    ///
    /// - Returns: Whether it was, and whether it was known before.
    /// - Throws: ``QueueError/unavailable(reason:)``: it may be in the queue all the same. Enqueue it again, with the same id.
    package func enqueue(_ job: CheckedJob, to queue: QueueName) async throws(QueueError) -> Enqueued {
        try await enqueue([job], to: queue)[0]
    }

    /// Puts jobs at the end of a queue, in order, in one step.
    ///
    /// - Returns: What came of each.
    /// - Throws: ``QueueError/unavailable(reason:)``: any of them may be in the queue all the same. Enqueue them again, with the same
    ///   ids.
    package func enqueue(_ jobs: [CheckedJob], to queue: QueueName) async throws(QueueError) -> [Enqueued] {
        guard !jobs.isEmpty else { return [] }
        let runs = jobs.runsToPush
        var arguments = RedisArguments(keys.prefix, queue.text)
        for run in runs {
            if let job = run.first, !job.isSimple {
                arguments.append(0)
                arguments.append(contentsOf: [job.id.text, job.session.text, job.flow.text])
            } else {
                arguments.append(run.count)
            }
            for job in run { arguments.append(job.bytes) }
        }
        let reply = try await run(QueueScripts.enqueue, on: keys.queue(queue), arguments)
        guard let answers = Self.answers(to: runs, in: reply.asArray ?? []) else {
            throw .unexpected(reply: "enqueue: \(reply)")
        }
        return answers
    }

    /// What came of each job, by what enqueue.lua returns; `nil` where that is not what it returns.
    private static func answers(to runs: [ArraySlice<CheckedJob>], in parts: [RedisReply]) -> [Enqueued]? {
        guard parts.count == 3 * runs.count else { return nil }
        var answers: [Enqueued] = []
        for (place, run) in runs.enumerated() {
            guard let word = parts[3 * place].asString, let waiting = parts[3 * place + 2].asInt else {
                return nil
            }
            if word == "pushed", let pushed = parts[3 * place + 1].asInt, 0...run.count ~= pushed {
                answers += repeatElement(.new, count: pushed)
                answers += repeatElement(.full(waiting: waiting), count: run.count - pushed)
            } else if let detail = parts[3 * place + 1].asString,
                let answer = Enqueued(word, detail, waiting: waiting)
            {
                answers.append(answer)
            } else {
                return nil
            }
        }
        return answers
    }

    /// Waits for a job's end, and takes nothing away from others who wait for it.
    ///
    /// The connection is for this wait alone; without a deadline it has no end. Answers how the job stands: ended, or as it was at
    /// the deadline; `nil` if it is not known.
    package func awaitEnd(
        of id: JobID, over connection: RedisConnection, until deadline: ContinuousClock.Instant?
    ) async throws(QueueError) -> JobStanding? {
        // The notice may have expired, or the connection been lost with the reply: so the record is looked at each time.
        while true {
            let job = try await job(id, lookingInQueues: false)
            if job?.status?.isEnd == true { return job }
            let patience = min(deadline.map { $0 - .now } ?? Self.longestWait, Self.longestWait)
            guard patience > .zero else { return try await self.job(id) }
            let key = keys.ended(id.text)
            do {
                // It turns the list's one element onto itself: the next who waits finds it there.
                _ = try await connection.send(
                    RedisCommand("BLMOVE", key, key, "RIGHT", "RIGHT", patience.blockingSeconds),
                    limit: Self.longestWait * 2)
            } catch {
                // A wait that was cut off is no news: the record tells, or that Redis is gone.
                if case .refused = error { throw QueueError(error) }
            }
        }
    }

    private static var longestWait: Duration { .seconds(5) }
}

extension [CheckedJob] {
    /// In their order: simple ones that follow each other together, each other one by itself.
    fileprivate var runsToPush: [ArraySlice<CheckedJob>] {
        var runs: [ArraySlice<CheckedJob>] = []
        var rest = self[...]
        while let first = rest.first {
            let run = first.isSimple ? rest.prefix(while: \.isSimple) : rest.prefix(1)
            runs.append(run)
            rest = rest[run.endIndex...]
        }
        return runs
    }
}
