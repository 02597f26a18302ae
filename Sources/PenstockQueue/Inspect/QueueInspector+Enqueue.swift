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
}

extension QueueInspector {
    /// Puts a job at the end of a queue.
    ///
    /// - Returns: Whether it was known before.
    /// - Throws: ``QueueError/unavailable(reason:)``: it may be in the queue all the same. Enqueue it again, with the same id.
    package func enqueue(_ job: CheckedJob, to queue: QueueName) async throws(QueueError) -> Enqueued {
        let reply = try await run(
            QueueScripts.enqueue, on: keys.queue(queue),
            RedisArguments(
                keys.prefix, queue.text, job.id.text, job.session.text, job.flow.text, job.bytes))
        return switch reply.asString {
        case nil: .new
        case "conflict": .conflict
        case "unreadable": .unreadable
        case let status?: .known(status: status)
        }
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
            let job = try await job(id)
            if job?.status?.isEnd == true { return job }
            let patience = min(deadline.map { $0 - .now } ?? Self.longestWait, Self.longestWait)
            guard patience > .zero else { return job }
            let key = keys.ended(id.text)
            let milliseconds = max(1, patience.wholeMilliseconds)
            let seconds = "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst())"
            do {
                // It turns the list's one element onto itself: the next who waits finds it there.
                _ = try await connection.send(
                    RedisCommand("BLMOVE", key, key, "RIGHT", "RIGHT", seconds),
                    limit: Self.longestWait * 2)
            } catch {
                // A wait that was cut off is no news: the record tells, or that Redis is gone.
                if case .refused = error { throw QueueError(error) }
            }
        }
    }

    private static var longestWait: Duration { .seconds(5) }
}
