package import PenstockModel

extension ReplicatedCheckpointer {
    package func open(
        _ session: SessionID, for job: JobID, as owner: String
    ) async throws(CheckpointerError) -> OpenedSession {
        try await write(Subject(session: session)) { store throws(CheckpointerError) in
            try await store.open(session, for: job, as: owner)
        } repeating: { opened, mirror throws(CheckpointerError) in
            if try await mirror.follow(opened, for: job) { return true }
            return try await mirror.bring(session)
        }
    }

    package func save(_ save: Save) async throws(CheckpointerError) {
        let size = (save.checkpoint?.state.count ?? 0) + (save.checkpoint?.metadata?.count ?? 0) + 1_000
        try await write(Subject(session: save.session, bytes: size)) { store throws(CheckpointerError) in
            try await store.save(save)
        } repeating: { _, mirror throws(CheckpointerError) in
            do throws(CheckpointerError) {
                try await mirror.standby.save(save)
                return true
            } catch {
                guard case .fenced = error else { throw error }
            }
            // The active store has taken it, so whatever the standby lacks, a copy brings it along.
            return try await mirror.bring(save.session)
        }
    }

    @discardableResult
    package func delete(_ id: CheckpointID, of session: SessionID) async throws(CheckpointerError) -> Bool {
        var wasThere = false
        try await write(Subject(session: session)) { store throws(CheckpointerError) in
            if try await store.delete(id, of: session) { wasThere = true }
        } repeating: { _, mirror throws(CheckpointerError) in
            try await mirror.standby.delete(id, of: session)
            return try await mirror.bring(session)
        }
        return wasThere
    }

    package func reset(_ session: SessionID) async throws(CheckpointerError) {
        try await write(Subject(session: session)) { store throws(CheckpointerError) in
            try await store.reset(session)
        } repeating: { _, mirror throws(CheckpointerError) in
            // In one step, so that a failover never finds a part of the history.
            try await mirror.standby.reset(session)
            return try await mirror.bring(session)
        }
    }

    package func clear() async throws(CheckpointerError) {
        try await write(nil) { store throws(CheckpointerError) in
            try await store.clear()
        } repeating: { _, mirror throws(CheckpointerError) in
            try await mirror.standby.clear()
            return true
        }
    }
}

extension SessionMirror {
    /// Takes an opening over where the standby has all that came before it.
    ///
    /// - Returns: Whether it has.
    fileprivate func follow(
        _ opened: OpenedSession, for job: JobID
    ) async throws(CheckpointerError) -> Bool {
        let session = opened.record.id
        let theirs = try await standby.head(of: session)
        let latest = [opened.latest, opened.start].compactMap(\.self).max { $0.step < $1.step }
        guard theirs.record?.epoch ?? 0 < opened.record.epoch, theirs.latest == latest?.id,
            theirs.record?.head ?? 0 == opened.record.head, !Self.isClaimed(theirs.record)
        else { return false }
        var copy = SessionCopy(over: theirs.record?.fence, record: opened.record)
        switch opened.job {
        case nil: copy.removedJobs = [job]
        case let job? where job.session == session: copy.jobs = [job]
        default: break
        }
        return try await standby.absorb(copy)
    }

    /// How often a session is looked at that others copy meanwhile.
    private static let mostLooks = 200
    /// How often the same claim is seen before whoever made it is given up for dead.
    private static let patience = 20

    /// - Returns: Whether the standby has all of the session now; if not, the write has to be made anew.
    fileprivate func bring(_ session: SessionID) async throws(CheckpointerError) -> Bool {
        var claim: String?
        var sightings = 0
        for _ in 0..<Self.mostLooks {
            if try await isEqual(session) { return true }
            let theirs = try await standby.head(of: session).record
            sightings = theirs?.owner == claim ? sightings + 1 : 0
            claim = theirs?.owner
            if !Self.isClaimed(theirs) || sightings >= Self.patience {
                switch try await copy(session) {
                case .equal: return true
                case .repaired: return false
                case .disturbed:
                    guard try await isCurrent() else { return false }
                }
            }
            do { try await Task.sleep(for: .milliseconds(Int.random(in: 1...20))) } catch {
                throw .unavailable(reason: "cancelled while session \(session) was copied")
            }
        }
        throw .unavailable(reason: "session \(session) is being copied by others")
    }
}
