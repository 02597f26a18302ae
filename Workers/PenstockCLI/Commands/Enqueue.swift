import Penstock
import PenstockJSON
import PenstockModel
import PenstockQueue
import PenstockRedis

extension Command {
    static let enqueue = Command(
        name: "enqueue",
        summary: "put a job into a queue; prints its id, or waits and prints its result",
        words: [Word(name: "FLOW")],
        flags: [
            Flag("session", .required("ID"), "the session to run in (default: one of the job's own)"),
            Flag("input", .required("JSON"), "a partial state: an object, @FILE, or - for standard input"),
            Flag("queue", .required("NAME"), "the queue (default: default)"),
            Flag(
                "id", .required("ID"),
                "the job's identity: one that is done is not run again (default: a new UUID)"),
            Flag("not-before", .required("TIME"), "the earliest start, as 2026-01-02T03:04:05Z"),
            Flag("expires-at", .required("TIME"), "the latest first start"),
            Flag(
                "max-attempts", .required("N"),
                "attempts that may end in an error (default: as the flow says; 5)"),
            Flag("timeout-seconds", .required("SECONDS"), "the limit of one attempt (default: none)"),
            Flag(
                "unique-key", .required("KEY"), "accept no other job with this key until this one has ended"),
            Flag(
                "on-busy", .required("WORD"),
                "park or reject: what to do when the session's turn is another job's (default: park)"),
            Flag("metadata", .required("JSON"), "an object of your own, handed to the nodes; @FILE or - too"),
            Flag("traceparent", .required("TEXT"), "the W3C trace context"),
            Flag(
                "wait", .optionalNumber("SECONDS"),
                "wait for the end, that long at most, and print the result"),
        ],
        settings: [.redis, .store],
        printsData: true,
        notes: """
            Ends with 1 if it waited and the job ended dead or cancelled, or not in time.

              penstock enqueue greet --session user-123 --input '{"name":"Ada"}' --wait
              generate | penstock enqueue report --input - --queue slow
            """
    ) { invocation in
        let job = try CheckedJob(
            invocation.newJob(), maxBytes: invocation.settings.queue.maxMessageBytes)
        let queue = try QueueName(checking: invocation.arguments["queue"] ?? "default")
        let deadline = try invocation.waitDeadline()
        return try await invocation.withQueue { inspector in
            switch try await inspector.enqueue(job, to: queue) {
            case .new, .known(status: "dead"): break
            case .duplicate(let holder):
                guard !invocation.arguments.has("wait") else {
                    invocation.output.note("job \(holder) has this unique key: waiting for that one")
                    return try await invocation.printEnd(
                        of: JobID(unchecked: holder), asking: inspector, until: deadline)
                }
                invocation.output.note("job \(holder) has this unique key: nothing was enqueued")
                invocation.output.show(["id": JSON(holder), "queue": JSON(queue.text)], "\(holder)\n")
                return .done
            case .busy(let holder):
                throw Failure.failed(
                    "session \(job.session) is busy with job \(holder): nothing was enqueued",
                    "--on-busy park waits in line")
            case .full(let waiting):
                throw Failure.failed(
                    "\(waiting) jobs wait in the queue \(queue), as many as may: nothing was enqueued",
                    "penstock queue limit \(queue)")
            case .known(let status):
                invocation.output.note("job \(job.id) was known already (\(status)): it is not run twice")
            case .conflict:
                throw Failure.failed(
                    "job \(job.id) is known with another session or flow: nothing was enqueued",
                    "penstock job show \(job.id)")
            case .unreadable:
                throw Failure.misused(
                    "Redis' scripts cannot read this message, so nothing was enqueued: half of a surrogate pair (\\ud800) is more "
                        + "than they take")
            }
            guard invocation.arguments.has("wait") else {
                invocation.output.show(["id": JSON(job.id.text), "queue": JSON(queue.text)], "\(job.id)\n")
                return .done
            }
            if try await !inspector.workers().contains(where: { $0.queues.contains(queue.text) }) {
                invocation.output.note("no worker serves the queue \(queue) now: waiting for one")
            }
            if try await inspector.paused().contains(queue.text) {
                invocation.output.note("the queue \(queue) is paused: waiting until it is resumed")
            }
            return try await invocation.printEnd(of: job.id, asking: inspector, until: deadline)
        }
    }
}

extension Invocation {
    fileprivate func newJob() throws -> Job {
        guard !(arguments["input"] == "-" && arguments["metadata"] == "-") else {
            throw Failure.misused("--input and --metadata cannot both be read from standard input")
        }
        var job = Job(try identifier(0))
        job.id = try arguments["id"].map { try JobID(checking: $0) }
        job.session = try arguments["session"].map { try SessionID(checking: $0) }
        job.input = try object("input")
        job.maxAttempts = arguments["max-attempts"] == nil ? nil : try count("max-attempts", otherwise: 1)
        job.timeoutSeconds = try number("timeout-seconds", orZero: false)
        job.uniqueKey = arguments["unique-key"]
        job.onBusy = try arguments["on-busy"].map { text throws(Failure) in
            guard let word = Job.OnBusy(rawValue: text) else {
                throw .misused("--on-busy is park or reject, not \"\(text)\"")
            }
            return word
        }
        job.notBefore = try time("not-before")
        job.expiresAt = try time("expires-at")
        job.metadata = try object("metadata")
        job.traceparent = arguments["traceparent"]
        return job
    }

    /// Until when to wait; `nil` for ever.
    fileprivate func waitDeadline() throws(Failure) -> ContinuousClock.Instant? {
        guard arguments["wait"]?.isEmpty == false, let seconds = try number("wait") else { return nil }
        return .now + min(.seconds(seconds), .tenYears)
    }

    fileprivate func printEnd(
        of id: JobID, asking inspector: QueueInspector, until deadline: ContinuousClock.Instant?
    ) async throws -> ExitCode {
        let connection = RedisConnection(
            settings.redis, settings: RedisSettings(clientName: "penstock-cli-wait"))
        let job = try await inspector.awaitEnd(of: id, over: connection, until: deadline)
        await connection.close()
        guard let job else { throw Failure.failed("job \(id) is no longer known") }
        switch job.status {
        case .done:
            let result = try await result(of: job)
            output.isJSON ? output.json(job.json(result: result)) : output.json(result)
            return .done
        case .dead, .cancelled:
            if output.isJSON { output.json(job.json(result: .null)) }
            throw Failure.failed("job \(id) ended \(job.statusText): \(job.error ?? "no reason was given")")
        default:
            if output.isJSON { output.json(job.json(result: .null)) }
            let reason = try await inspector.heldBack(job).map { ": \($0.rawValue)" } ?? ""
            throw Failure.failed(
                "job \(id) has not ended in time; it is \(job.statusText)\(reason)", "penstock job show \(id)"
            )
        }
    }

    /// A job's result: from its record, or from the store where it is too large for that.
    func result(of job: JobStanding) async throws -> JSON {
        if job.status != .done || !job.isStored { return JSON(stored: job.result) }
        let id = JobID(unchecked: job.id)
        return try await withStore { store in
            guard let record = try await store.job(id) else { return .null }
            return JSON(stored: try await record.readResult(from: store))
        }
    }
}
