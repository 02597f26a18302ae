package import PenstockModel
package import PenstockRedis

/// Keeps sessions in Redis, in keys that the Python library llmfy reads and writes too.
///
/// An open and a save are one script each. The sorted set of a session's checkpoints is by time, as llmfy needs it; the scripts see
/// to it that the order in which we write is the order of the steps.
package final class RedisCheckpointer: Checkpointer {
    /// How long what has an end is kept.
    package struct Lifetimes: Sendable {
        /// A session with all its keys, counted from its last save or opening; `nil` for ever.
        package var session: Duration?
        /// The record of a job that is done or cancelled, from its end: as long is a repeated job known for what it is.
        package var endedJob: Duration
        /// The record of another job, from its last save. Longer than the dead list keeps a job that may be sent again,
        /// because the record says that its input was merged.
        package var unendedJob: Duration

        package init(
            session: Duration? = nil, endedJob: Duration = .seconds(7 * 86_400),
            unendedJob: Duration = .seconds(190 * 86_400)
        ) {
            self.session = session
            self.endedJob = endedJob
            self.unendedJob = unendedJob
        }
    }

    let client: RedisClient
    let keys: RedisKeys
    let lifetimes: Lifetimes
    let clock: WallClock
    private let ownsClient: Bool
    private let inFlight = InFlight()

    /// The largest value that Redis takes, with its default settings.
    static let largestValue = 512 * 1024 * 1024

    /// A store in the keys that begin with `prefix`. One that owns its client closes it too, in ``close()``.
    package init(
        _ client: RedisClient, prefix: String = "penstock:checkpoint:", lifetimes: Lifetimes = Lifetimes(),
        ownsClient: Bool = true, clock: WallClock = .system
    ) {
        self.client = client
        keys = RedisKeys(prefix: prefix)
        self.lifetimes = lifetimes
        self.ownsClient = ownsClient
        self.clock = clock
    }

    /// What a store in the keys that begin with `prefix` leaves in its Redis.
    package static func traces(prefix: String) -> StoreTraces {
        let keys = RedisKeys(prefix: prefix)
        return StoreTraces(record: keys.heads, checkpoints: keys.sessions, job: keys.results)
    }

    package func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        let now = clock.now()
        let reply = try await run(
            RedisScripts.open, keys: [keys.head(session), keys.session(session), keys.result(job)],
            arguments: RedisArguments(
                keys.checkpoints, keys.heads, session.text, owner, now.microseconds, sessionLife))
        let answer = try RedisFields(reply, count: 9, of: RedisScripts.open.name)
        let forgotten = answer.integerIfPresent(8)
        return OpenedSession(
            record: try RedisHead.record(
                of: session, epoch: try answer.integer(0), owner: owner, head: try answer.integer(1),
                standing: answer.text(2), created: try answer.integer(3), updated: try answer.integer(4)),
            latest: try answer.checkpoint(5, of: session), start: try answer.checkpoint(6, of: session),
            job: try answer.bytes(7).flatMap { bytes throws(CheckpointerError) in
                try RedisJobRecord.read(bytes, of: job, forgottenBelow: forgotten)
            })
    }

    /// Asks with plain commands, since a script costs Redis several times as much. Whoever writes between them changes the fence that
    /// the answer has, so that a save which relies on it is refused.
    package func look(
        at session: SessionID, for job: JobID
    ) async throws(CheckpointerError) -> OpenedSession? {
        let replies = try await sendAll([
            RedisCommand(
                "HMGET", keys.head(session), "fence", "position", "standing", "created", "updated",
                "forgotten"),
            RedisCommand("ZCARD", keys.session(session)), RedisCommand("GET", keys.result(job)),
        ])
        let known = try RedisFields(replies[0], count: 6, of: "HMGET")
        let fence = try RedisHead.readFence(known.text(0), of: session)
        let (count, latest) = try RedisHead.readPosition(known.text(1), of: session)
        // Somebody else has written or deleted: only an opener can make sense of it.
        guard count == replies[1].asInt else { return nil }
        var checkpoint: Checkpoint?
        if count > 0 {
            let row = try await send(RedisCommand("GET", keys.checkpoint(latest)))
            guard let bytes = row.asBytes else { return nil }
            checkpoint = try RedisCheckpoint.read(bytes, of: session)
        }
        var record: JobRecord?
        if let bytes = replies[2].asBytes {
            record = try RedisJobRecord.read(bytes, of: job, forgottenBelow: nil)
            // What a reset of another session forgot, that one's head tells.
            if record?.session != session { return nil }
            record = try RedisJobRecord.read(bytes, of: job, forgottenBelow: known.integerIfPresent(5))
        }
        let now = Int(clock.now().microseconds)
        return OpenedSession(
            record: try RedisHead.record(
                of: session, epoch: Int(fence.epoch), owner: fence.owner, head: fence.head,
                standing: known.text(2), created: known.integerIfPresent(3) ?? now,
                updated: known.integerIfPresent(4) ?? now),
            latest: checkpoint, start: nil, job: record)
    }

    package func save(_ save: Save) async throws(CheckpointerError) {
        if let fault = save.fault { throw .unfit(reason: fault) }
        let reply: RedisReply
        if let checkpoint = save.checkpoint {
            reply = try await write(save, adding: checkpoint)
        } else if let job = save.job {
            reply = try await write(save, of: job)
        } else {
            return
        }
        switch reply.asInt {
        case 1: return
        case 0: throw .fenced(session: save.session, epoch: save.epoch)
        case -2:
            save.errand?.end(.refused)
            throw .fenced(session: save.session, epoch: save.epoch)
        case -1:
            throw .unfit(
                reason: "another session has a checkpoint with the id \(save.checkpoint?.id.text ?? "")")
        default: throw .unexpected(reply, to: RedisScripts.save.name)
        }
    }

    private func write(_ save: Save, adding checkpoint: Checkpoint) async throws(CheckpointerError)
        -> RedisReply
    {
        let row = RedisCheckpoint.bytes(checkpoint)
        guard row.count <= Self.largestValue else {
            throw .unfit(
                reason: "the checkpoint has \(row.count) bytes, and Redis takes \(Self.largestValue)")
        }
        var names = [
            keys.head(save.session), keys.session(save.session), keys.checkpoint(checkpoint.id),
        ]
        var arguments = RedisArguments(
            RedisHead.fence(seenBy: save), RedisHead.fence(after: save), RedisHead.standing(of: save),
            checkpoint.id.text, row, checkpoint.state.count, RedisHead.score(checkpoint.timestamp),
            sessionLife)
        let creation = creation(by: save)
        let errand = save.errand?.content as? RedisErrand
        if let job = save.job {
            names += [keys.result(job.id), keys.jobs(save.session)]
            arguments.append(job.id.text)
            arguments.append(RedisJobRecord.bytes(job, epoch: save.epochAfter))
            arguments.append(jobLife(job.status))
        } else if creation != nil || errand?.condition != nil {
            arguments.append(contentsOf: ["", "", ""])
        }
        if let condition = errand?.condition {
            if save.job == nil { names += ["", ""] }
            names.append(condition.key)
            arguments.append(creation.map { String($0) } ?? "")
            arguments.append(condition.value)
        } else if let creation {
            arguments.append(creation)
        }
        guard let call = errand?.call else {
            return try await run(RedisScripts.save, keys: names, arguments: arguments)
        }
        var both = call.arguments
        both.append(arguments)
        let asked = ContinuousClock.now
        let reply = try await run(RedisScripts.save(then: call), keys: call.keys + names, arguments: both)
        guard reply.asArray != nil else { return reply }
        save.errand?.end(.answered(reply, asked: asked))
        return .integer(1)
    }

    private func write(_ save: Save, of job: JobRecord) async throws(CheckpointerError) -> RedisReply {
        try await run(
            RedisScripts.record,
            keys: [
                keys.head(save.session), keys.session(save.session), keys.result(job.id),
                keys.jobs(save.session),
            ],
            arguments: RedisArguments(
                RedisHead.fence(seenBy: save), RedisHead.standing(of: save),
                RedisJobRecord.bytes(job, epoch: save.epochAfter), jobLife(job.status), keys.checkpoints,
                sessionLife, job.id.text, RedisHead.fence(after: save),
                creation(by: save).map { String($0) } ?? ""))
    }

    /// When a save brings the session into being, in µs; `nil` for one that does not.
    private func creation(by save: Save) -> Int64? {
        save.createsSession ? save.moment?.microseconds : nil
    }

    package func executor(isAlone: Bool) -> (any TaskExecutor)? { client.loop }

    package func close() async {
        await inFlight.close()
        if ownsClient { await client.close() }
    }
}

extension RedisCheckpointer {
    /// Runs a script, unless the store was closed.
    func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments
    ) async throws(CheckpointerError) -> RedisReply {
        try await reaching { client throws(RedisError) in
            try await client.run(script, keys: keys, arguments: arguments)
        }
    }

    func send(_ command: RedisCommand) async throws(CheckpointerError) -> RedisReply {
        try await reaching { client throws(RedisError) in try await client.send(command) }
    }

    /// Sends commands in one write; the first that fails is what is thrown.
    func sendAll(_ commands: [RedisCommand]) async throws(CheckpointerError) -> [RedisReply] {
        try await reaching { client throws(RedisError) in
            var replies: [RedisReply] = []
            for reply in await client.sendAll(commands) { replies.append(try reply.get()) }
            return replies
        }
    }

    /// Asks the client, unless the store was closed, and says in the port's words what went wrong.
    func reaching<Answer>(
        _ ask: (RedisClient) async throws(RedisError) -> Answer
    ) async throws(CheckpointerError) -> Answer {
        try await inFlight.run { () async throws(CheckpointerError) in
            do throws(RedisError) {
                return try await ask(client)
            } catch {
                throw CheckpointerError(error)
            }
        }
    }

    /// In milliseconds; empty when sessions are kept for ever.
    var sessionLife: String {
        lifetimes.session.map { String($0.wholeMilliseconds) } ?? ""
    }

    /// In milliseconds; never longer than its session's.
    func jobLife(_ status: JobStatus) -> Int64 {
        let life =
            switch status {
            case .done, .cancelled: lifetimes.endedJob
            case .running, .dead: lifetimes.unendedJob
            }
        return min(life, lifetimes.session ?? life).wholeMilliseconds
    }
}
