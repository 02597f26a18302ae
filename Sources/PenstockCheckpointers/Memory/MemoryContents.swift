import PenstockModel

/// What a ``MemoryCheckpointer`` keeps, and every change that can be made to it; the caller holds the lock.
struct MemoryContents {
    var sessions: [SessionID: MemorySession] = [:]
    var jobs: [JobID: JobRecord] = [:]
    var isClosed = false
    /// Not forgotten with the rest.
    var standing: PairStanding?

    mutating func open(
        _ session: SessionID, for job: JobID, as owner: String, at now: Timestamp
    ) -> OpenedSession {
        let (record, latest) = sessions[session, default: MemorySession(session, at: now)].open(
            as: owner, at: now)
        return OpenedSession(record: record, latest: latest, start: nil, job: jobs[job])
    }

    mutating func save(_ save: Save) throws(CheckpointerError) {
        guard let found = sessions.index(forKey: save.session) else {
            throw .fenced(session: save.session, epoch: save.epoch)
        }
        guard sessions.values[found].admits(save) else {
            if let checkpoint = save.checkpoint, sessions.values[found].holds(checkpoint.id) { return }
            throw .fenced(session: save.session, epoch: save.epoch)
        }
        sessions.values[found].take(save)
        if let job = save.job { jobs[job.id] = job }
    }

    mutating func delete(_ id: CheckpointID, of session: SessionID, at now: Timestamp) -> Bool {
        guard let found = sessions.index(forKey: session) else { return false }
        return sessions.values[found].remove(id, at: now)
    }

    mutating func reset(_ session: SessionID, at now: Timestamp) {
        guard let found = sessions.index(forKey: session) else { return }
        for job in sessions.values[found].jobs where jobs[job]?.session == session {
            jobs[job] = nil
        }
        sessions.values[found].empty(at: now)
    }
}
