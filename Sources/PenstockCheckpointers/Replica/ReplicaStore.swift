package import PenstockModel

/// A store that another can be copied into, session by session, while writers go on: what a replicated pair, and a copy of a
/// whole store, are made of.
package protocol ReplicaStore: Checkpointer {
    /// Where a session stands, at a cost that does not grow with its history.
    func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead

    /// The ids and steps of a session's checkpoints, oldest first, without their states.
    func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark]

    /// Those of the checkpoints that are stored and belong to that session, in the order in which they are named.
    func checkpoints(
        _ ids: [CheckpointID], of session: SessionID
    ) async throws(CheckpointerError) -> [Checkpoint]

    /// The records of a session's jobs in order of their ids.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - limit: The most to return; none for 0 and less.
    ///   - job: Only those with a greater id, when given: the way to the next page.
    /// - Returns: The records.
    /// - Throws: ``CheckpointerError``.
    func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord]

    /// Takes over what stands in another store: all of the copy or nothing, in one atomic step.
    ///
    /// It is taken only if the session stands here as ``SessionCopy/over`` says: so copying never undoes a write that it does
    /// not know of. A checkpoint that is stored already stays as it is, a job's record is replaced; asked for twice, the
    /// second copy finds another standing and is not taken.
    ///
    /// - Returns: Whether it was taken.
    /// - Throws: ``CheckpointerError/unfit(reason:)`` when a checkpoint's id is another session's; nothing was changed then.
    ///   ``CheckpointerError/unavailable(reason:)`` when it is unknown whether it was taken: ``head(of:)`` tells.
    func absorb(_ copy: SessionCopy) async throws(CheckpointerError) -> Bool

    /// What is noted here of the pair that this store is one of; `nil` for nothing.
    func noted(_ note: PairNote) async throws(CheckpointerError) -> String?

    /// Notes something of the pair, if what is noted here is still `old`; `nil` is nothing.
    ///
    /// - Returns: Whether it was noted. ``clear()`` does not forget it.
    func replace(_ note: PairNote, _ old: String?, by new: String?) async throws(CheckpointerError) -> Bool
}

/// What a store knows of the pair that it is one of.
package enum PairNote: Int, Hashable, Sendable, CaseIterable {
    /// How the pair stands: ``PairStanding/words``.
    case standing = 1
    /// Which of the two it is: a ``PairStanding/Place``.
    case place = 2
}

extension ReplicaStore {
    /// How the pair stands that this store is one of, as far as it was told; `nil` when it never was.
    package func standing() async throws(CheckpointerError) -> PairStanding? {
        guard let words = try await noted(.standing) else { return nil }
        guard let standing = PairStanding(words: words) else {
            throw .unreadable(what: "how the pair stands", reason: "\"\(words.prefix(60))\" is no standing")
        }
        return standing
    }

    /// Notes how the pair stands, if what is noted here is still `old`.
    ///
    /// - Returns: Whether it was noted.
    package func replace(
        _ old: PairStanding?, by new: PairStanding
    ) async throws(CheckpointerError) -> Bool {
        try await replace(.standing, old?.words, by: new.words)
    }

    /// Which store of its pair this one is; `nil` where it is none.
    package func place() async throws(CheckpointerError) -> PairStanding.Place? {
        guard let word = try await noted(.place) else { return nil }
        guard let place = PairStanding.Place(rawValue: word) else {
            throw .unreadable(
                what: "which store of a pair this is", reason: "\"\(word.prefix(60))\" is neither")
        }
        return place
    }

    /// Forgets the pair, for a store that is to be used alone.
    package func leavePair() async throws(CheckpointerError) {
        for note in PairNote.allCases {
            while let old = try await noted(note), try await !replace(note, old, by: nil) {}
        }
    }

    /// Notes how the pair stands, unless something greater is noted here.
    ///
    /// - Returns: What is noted here afterwards.
    package func raise(to new: PairStanding) async throws(CheckpointerError) -> PairStanding {
        while true {
            let old = try await standing()
            if let old, old >= new { return old }
            if try await replace(old, by: new) { return new }
        }
    }
}
