package import PenstockModel

extension MemoryCheckpointer: ReplicaStore {
    package func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead {
        try withContents { contents in
            let session = contents.sessions[session]
            return SessionHead(record: session?.record, latest: session?.checkpoints.last?.id)
        }
    }

    package func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark] {
        try withContents { contents in
            (contents.sessions[session]?.checkpoints ?? []).map { CheckpointMark(id: $0.id, step: $0.step) }
        }
    }

    package func checkpoints(
        _ ids: [CheckpointID], of session: SessionID
    ) async throws(CheckpointerError) -> [Checkpoint] {
        try withContents { contents in
            let wanted = Set(ids)
            let found = (contents.sessions[session]?.checkpoints ?? []).filter { wanted.contains($0.id) }
            return ids.compactMap { id in found.first { $0.id == id } }
        }
    }

    package func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord] {
        try withContents { contents in
            let ids = (contents.sessions[session]?.jobs ?? []).filter { id in job.map { $0 < id } ?? true }
            let records = ids.sorted().compactMap { contents.jobs[$0] }.filter { $0.session == session }
            return Array(records.prefix(max(0, limit)))
        }
    }

    package func absorb(_ copy: SessionCopy) async throws(CheckpointerError) -> Bool {
        if let fault = copy.fault { throw .unfit(reason: fault) }
        return try withContents { contents throws(CheckpointerError) in try contents.absorb(copy) }
    }

    package func noted(_ note: PairNote) async throws(CheckpointerError) -> String? {
        try withContents { contents in contents.notes[note] }
    }

    package func replace(
        _ note: PairNote, _ old: String?, by new: String?
    ) async throws(CheckpointerError) -> Bool {
        try withContents { contents in
            guard contents.notes[note] == old else { return false }
            contents.notes[note] = new
            return true
        }
    }
}

extension MemoryContents {
    fileprivate mutating func absorb(_ copy: SessionCopy) throws(CheckpointerError) -> Bool {
        let id = copy.record.id
        guard sessions[id]?.record.fence == copy.over else { return false }
        for checkpoint in copy.checkpoints {
            if sessions.values.contains(where: { $0.record.id != id && $0.holds(checkpoint.id) }) {
                throw .unfit(reason: "another session has a checkpoint with the id \(checkpoint.id)")
            }
        }
        for job in copy.removedJobs where jobs[job]?.session == id { jobs[job] = nil }
        for job in copy.jobs { jobs[job.id] = job }
        sessions[id, default: MemorySession(id, at: copy.record.created)].absorb(copy)
        return true
    }
}

extension MemorySession {
    fileprivate mutating func absorb(_ copy: SessionCopy) {
        let removed = Set(copy.removedCheckpoints)
        checkpoints.removeAll { removed.contains($0.id) }
        for checkpoint in copy.checkpoints where !holds(checkpoint.id) {
            let place = checkpoints.lastIndex { $0.step <= checkpoint.step }.map { $0 + 1 } ?? 0
            checkpoints.insert(checkpoint, at: place)
        }
        bytes = checkpoints.reduce(0) { $0 + $1.state.count }
        jobs.subtract(copy.removedJobs)
        jobs.formUnion(copy.jobs.map(\.id))
        record = copy.record
    }
}
