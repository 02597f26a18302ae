package import PenstockModel
import PenstockRedis

extension RedisCheckpointer: ReplicaStore {
    package func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead {
        let reply = try await run(
            RedisScripts.tip, keys: [keys.head(session), keys.session(session)],
            arguments: RedisArguments(keys.checkpoints))
        let answer = try RedisFields(reply, count: 7, of: RedisScripts.tip.name)
        var head = SessionHead(record: nil, latest: answer.text(6).map { CheckpointID($0) })
        if let epoch = answer.integerIfPresent(0) {
            head.record = try RedisHead.record(
                of: session, epoch: epoch, owner: answer.text(1) ?? "", head: try answer.integer(2),
                standing: answer.text(3), created: try answer.integer(4), updated: try answer.integer(5))
        }
        return head
    }

    package func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark] {
        try await rows(of: session, limit: .max, before: nil).reversed().map {
            CheckpointMark(id: $0.id, step: $0.step)
        }
    }

    package func checkpoints(
        _ ids: [CheckpointID], of session: SessionID
    ) async throws(CheckpointerError) -> [Checkpoint] {
        guard !ids.isEmpty else { return [] }
        let reply = try await send(RedisCommand("MGET", RedisArguments(ids.map { keys.checkpoint($0) })))
        var checkpoints: [Checkpoint] = []
        for value in reply.asArray ?? [] {
            // Deleted a moment ago, if it is not there.
            guard let bytes = value.asBytes else { continue }
            let checkpoint = try RedisCheckpoint.read(bytes, of: session)
            if checkpoint.session == session { checkpoints.append(checkpoint) }
        }
        return checkpoints
    }

    package func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord] {
        guard limit > 0 else { return [] }
        let noted = try await send(RedisCommand("HMGET", keys.head(session), "forgotten", "first_job"))
            .asArray
        let forgotten = noted?.first?.asInt
        let later = try await send(RedisCommand("ZRANGE", keys.jobs(session), 0, -1)).asArray ?? []
        let names = Set((later + (noted ?? []).suffix(1)).compactMap(\.asString)).filter(JobID.accepts)
        var ids = names.map(JobID.init(unchecked:)).filter { id in job.map { $0 < id } ?? true }.sorted()[...]
        var jobs: [JobRecord] = []
        while !ids.isEmpty, jobs.count < limit {
            let page = Array(ids.prefix(min(limit - jobs.count, Self.jobsAtOnce)))
            ids = ids.dropFirst(page.count)
            let reply = try await send(RedisCommand("MGET", RedisArguments(page.map { keys.result($0) })))
            for (id, value) in zip(page, reply.asArray ?? []) {
                guard let bytes = value.asBytes,
                    let job = try RedisJobRecord.read(bytes, of: id, forgottenBelow: forgotten),
                    job.session == session
                else { continue }
                jobs.append(job)
            }
        }
        return jobs
    }

    /// How many records are asked for in one go.
    private static let jobsAtOnce = 500

    package func absorb(_ copy: SessionCopy) async throws(CheckpointerError) -> Bool {
        if let fault = copy.fault { throw .unfit(reason: fault) }
        let session = copy.record.id
        let removed = try await checkpoints(copy.removedCheckpoints, of: session)
        let reply = try await run(
            RedisScripts.absorb, keys: [keys.head(session), keys.session(session), keys.jobs(session)],
            arguments: try arguments(of: copy, removing: removed))
        switch reply.asInt {
        case 1: return true
        case 0: return false
        case -1:
            throw .unfit(reason: "another session has a checkpoint with an id that session \(session) has")
        default: throw .unexpected(reply, to: RedisScripts.absorb.name)
        }
    }

    private func arguments(
        of copy: SessionCopy, removing removed: [Checkpoint]
    ) throws(CheckpointerError) -> RedisArguments {
        let record = copy.record
        var arguments = RedisArguments(
            copy.over.map(RedisHead.fence) ?? "", record.epoch, record.head, record.owner,
            RedisHead.standing(of: record), record.created.microseconds, record.updated.microseconds,
            keys.checkpoints, keys.results, sessionLife)
        arguments.append(removed.reduce(0) { $0 + $1.state.count })
        for count in [
            copy.removedCheckpoints.count, copy.checkpoints.count, copy.removedJobs.count, copy.jobs.count,
        ] {
            arguments.append(count)
        }
        arguments.append(contentsOf: copy.removedCheckpoints.map(\.text))
        for checkpoint in copy.checkpoints {
            let row = RedisCheckpoint.bytes(checkpoint)
            guard row.count <= Self.largestValue else {
                throw .unfit(
                    reason: "the checkpoint has \(row.count) bytes, and Redis takes \(Self.largestValue)")
            }
            arguments.append(checkpoint.id.text)
            arguments.append(checkpoint.step)
            arguments.append(row)
            arguments.append(checkpoint.state.count)
            arguments.append(RedisHead.score(checkpoint.timestamp))
        }
        arguments.append(contentsOf: copy.removedJobs.map(\.text))
        for job in copy.jobs {
            arguments.append(job.id.text)
            arguments.append(RedisJobRecord.bytes(job, epoch: record.epoch))
            arguments.append(jobLife(job.status))
        }
        return arguments
    }

    package func noted(_ note: PairNote) async throws(CheckpointerError) -> String? {
        let text = try await send(RedisCommand("GET", keys.pair(note))).asString
        return text == "" ? nil : text
    }

    package func replace(
        _ note: PairNote, _ old: String?, by new: String?
    ) async throws(CheckpointerError) -> Bool {
        let reply = try await run(
            RedisScripts.replace, keys: [keys.pair(note)], arguments: RedisArguments(old ?? "", new ?? ""))
        return reply == .integer(1)
    }
}
