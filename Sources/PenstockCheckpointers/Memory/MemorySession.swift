import PenstockModel

/// A session in memory: its record, its checkpoints in order of their steps, and the jobs that wrote to it.
struct MemorySession {
    var record: SessionRecord
    var checkpoints: [Checkpoint] = []
    var jobs: Set<JobID> = []
    var bytes = 0

    /// A session that nobody has opened yet.
    init(_ id: SessionID, at now: Timestamp) {
        record = SessionRecord(id: id, epoch: 0, owner: "", head: 0, created: now, updated: now)
    }

    /// The session that a save brings into being, before it; `nil` for a save that does not.
    init?(createdBy save: Save) {
        guard save.createsSession, let moment = save.moment else { return nil }
        self.init(save.session, at: moment)
    }

    var summary: SessionSummary {
        SessionSummary(
            record: record, checkpoints: checkpoints.count, bytes: bytes, metadata: checkpoints.last?.metadata
        )
    }

    /// Whether the writer is the last opener and has seen the last step.
    func admits(_ save: Save) -> Bool {
        record.epoch == save.epoch && record.owner == save.owner && record.head == save.seen
    }

    /// Whether an earlier try of the save took effect.
    func hasTaken(_ save: Save) -> Bool {
        if let checkpoint = save.checkpoint { return holds(checkpoint.id) }
        return record.isLeft(by: save)
    }

    func holds(_ id: CheckpointID) -> Bool {
        checkpoints.reversed().contains { $0.id == id }
    }

    /// Those with a lesser step, oldest first; all of them for `nil`.
    func checkpoints(before step: Int?) -> ArraySlice<Checkpoint> {
        guard let step else { return checkpoints[...] }
        var (low, high) = (0, checkpoints.count)
        while low < high {
            let middle = (low + high) / 2
            if checkpoints[middle].step < step { low = middle + 1 } else { high = middle }
        }
        return checkpoints[..<low]
    }

    mutating func open(
        as owner: String, at now: Timestamp
    ) -> (record: SessionRecord, latest: Checkpoint?) {
        record.epoch += 1
        record.owner = owner
        record.updated = now
        return (record, checkpoints.last)
    }

    mutating func take(_ save: Save) {
        if let checkpoint = save.checkpoint {
            checkpoints.append(checkpoint)
            bytes += checkpoint.state.count
            record.head = checkpoint.step
        }
        record.epoch = save.epochAfter
        record.owner = save.ownerAfter
        record.flow = save.flow
        record.version = save.version
        record.status = save.status
        record.updated = save.moment ?? record.updated
        if let job = save.job { jobs.insert(job.id) }
    }

    mutating func remove(_ id: CheckpointID, at now: Timestamp) -> Bool {
        guard let found = checkpoints.lastIndex(where: { $0.id == id }) else { return false }
        bytes -= checkpoints.remove(at: found).state.count
        fence()
        record.updated = now
        return true
    }

    mutating func empty(at now: Timestamp) {
        checkpoints = []
        jobs = []
        bytes = 0
        record.flow = nil
        record.version = nil
        record.status = nil
        fence()
        record.updated = now
    }

    /// Shuts out every writer of before: by the epoch, and by a token that nobody has.
    mutating func fence() {
        record.epoch += 1
        record.owner = ""
    }
}
