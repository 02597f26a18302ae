import PenstockModel

/// What a ``MemoryCheckpointer`` keeps, and every change that can be made to it; the caller holds the lock.
struct MemoryContents {
    var sessions: [SessionID: MemorySession] = [:]
    var jobs: [JobID: JobRecord] = [:]
    var isClosed = false
    /// Not forgotten with the rest.
    var notes: [PairNote: String] = [:]

    mutating func open(
        _ session: SessionID, for job: JobID, as owner: String, at now: Timestamp
    ) -> OpenedSession {
        let (record, latest) = sessions[session, default: MemorySession(session, at: now)].open(
            as: owner, at: now)
        return OpenedSession(record: record, latest: latest, start: nil, job: jobs[job])
    }

    func look(at session: SessionID, for job: JobID, at now: Timestamp) -> OpenedSession {
        let found = sessions[session] ?? MemorySession(session, at: now)
        return OpenedSession(
            record: found.record, latest: found.checkpoints.last, start: nil, job: jobs[job])
    }

    mutating func save(_ save: Save) throws(CheckpointerError) {
        guard var session = sessions[save.session] ?? MemorySession(createdBy: save) else {
            throw .fenced(session: save.session, epoch: save.epoch)
        }
        guard session.admits(save) else {
            if session.hasTaken(save) { return }
            throw .fenced(session: save.session, epoch: save.epoch)
        }
        // Taken out meanwhile, so that its checkpoints are not copied.
        sessions[save.session] = nil
        session.take(save)
        sessions[save.session] = session
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
