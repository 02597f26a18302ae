import PenstockModel

/// Makes a session in the standby what it is in the active store, while writers go on in both.
///
/// The session is claimed in the standby first: its owner becomes a token of the copy's own, so that no mirrored write gets in between;
/// whose write is refused there for that reason makes a copy itself. Each part is taken only while the claim stands.
struct SessionMirror: Sendable {
    /// How a copy ended.
    enum Outcome: Hashable, Sendable {
        /// The standby has what the active store has.
        case equal
        /// The standby had more, and the active store took it over: whoever has it open there has to open it anew.
        case repaired
        /// Another has claimed the session meanwhile, or the stores no longer stand as they did.
        case disturbed
    }

    let active: any ReplicaStore
    let standby: any ReplicaStore
    let standing: PairStanding
    private let log: Log

    init(
        from active: any ReplicaStore, to standby: any ReplicaStore, under standing: PairStanding, log: Log
    ) {
        self.active = active
        self.standby = standby
        self.standing = standing
        self.log = log
    }

    /// Whether somebody is copying the session, or died at it.
    static func isClaimed(_ record: SessionRecord?) -> Bool {
        record?.owner.hasPrefix(SessionTransfer.ownerWhile) ?? false
    }

    /// How many checkpoints are copied in one step.
    private static let atOnce = 32
    /// How often a session that others write to is gone over before it is left to the next who needs it.
    private static let mostRounds = 8

    /// Whether the standby is known to have all of the session, at a cost that does not grow with its history.
    func isEqual(_ session: SessionID) async throws(CheckpointerError) -> Bool {
        let theirs = try await standby.head(of: session)
        let ours = try await active.head(of: session)
        return ours == theirs && (ours.record != nil || ours.latest == nil)
    }

    func copy(_ session: SessionID) async throws(CheckpointerError) -> Outcome {
        guard try await isCurrent() else { return .disturbed }
        let before = try await standby.head(of: session).record
        guard let target = try await record(of: session, else: before) else { return .equal }
        var claim =
            before
            ?? SessionRecord(
                id: session, epoch: 0, owner: "", head: 0, created: target.created, updated: target.updated)
        claim.owner = SessionTransfer.ownerWhile + UUIDv7Source.shared.next()
        guard try await standby.absorb(SessionCopy(over: before?.fence, record: claim)) else {
            return .disturbed
        }
        // Whoever has made the standby active since must not find it claimed for long.
        guard try await isCurrent() else {
            if let before { _ = try await standby.absorb(SessionCopy(over: claim.fence, record: before)) }
            return .disturbed
        }
        for _ in 0..<Self.mostRounds {
            let head = try await active.head(of: session)
            if let before, standing.standby == .complete, try await repair(head, by: before) {
                _ = try await standby.absorb(SessionCopy(over: claim.fence, record: before))
                return .repaired
            }
            guard try await transfer(session, under: claim) else { return .disturbed }
            guard try await active.head(of: session) == head else { continue }
            var record = try await record(of: session, else: before) ?? target
            // A session that the active store does not know keeps its place, and nobody can write to it.
            if head.record == nil { record.owner = "" }
            let isTaken = try await standby.absorb(SessionCopy(over: claim.fence, record: record))
            return isTaken ? .equal : .disturbed
        }
        return .disturbed
    }

    /// Whether both stores still have noted the standing that this copy is made under.
    func isCurrent() async throws(CheckpointerError) -> Bool {
        guard try await standby.standing() == standing else { return false }
        return try await active.standing() == standing
    }

    /// The record that the session has in the active store, or had in the standby.
    private func record(
        of session: SessionID, else before: SessionRecord?
    ) async throws(CheckpointerError) -> SessionRecord? {
        if let record = try await active.head(of: session).record { return record }
        if let record = try await active.session(session)?.record { return record }
        return before
    }

    /// Copies what the standby lacks and removes what it has too much, while the claim stands.
    private func transfer(
        _ session: SessionID, under claim: SessionRecord
    ) async throws(CheckpointerError) -> Bool {
        let jobs = try await active.jobs(of: session, limit: .max, after: nil)
        let marks = try await active.marks(of: session)
        let theirMarks = try await standby.marks(of: session)
        let theirJobs = try await standby.jobs(of: session, limit: .max, after: nil)

        let (ids, theirs) = (Set(marks.map(\.id)), Set(theirMarks.map(\.id)))
        let extra = theirMarks.map(\.id).filter { !ids.contains($0) }
        let known = Dictionary(theirJobs.map { ($0.id, $0) }) { first, _ in first }
        let jobIDs = Set(jobs.map(\.id))
        var part = SessionCopy(over: claim.fence, record: claim)
        part.removedCheckpoints = extra
        part.removedJobs = theirJobs.map(\.id).filter { !jobIDs.contains($0) }
        part.jobs = jobs.filter { known[$0.id] != $0 }
        if !part.removedCheckpoints.isEmpty || !part.removedJobs.isEmpty {
            // An active store that has lost everything must not have the standby emptied after it.
            guard try await isCurrent() else { return false }
        }
        if !extra.isEmpty {
            let steps = theirMarks.filter { !ids.contains($0.id) }.map(\.step)
            log.warning(
                "checkpoints that the active store does not have are removed from the other",
                [
                    "session": session.text, "checkpoints": "\(extra.count)",
                    "steps": "\(steps.min() ?? 0) to \(steps.max() ?? 0)",
                ])
        }
        if !part.removedCheckpoints.isEmpty || !part.removedJobs.isEmpty || !part.jobs.isEmpty {
            guard try await standby.absorb(part) else { return false }
        }
        var missing = marks.map(\.id).filter { !theirs.contains($0) }[...]
        while !missing.isEmpty {
            let page = Array(missing.prefix(Self.atOnce))
            missing = missing.dropFirst(page.count)
            let checkpoints = try await active.checkpoints(page, of: session)
            let copy = SessionCopy(over: claim.fence, record: claim, checkpoints: checkpoints)
            guard try await standby.absorb(copy) else { return false }
        }
        return true
    }

    /// Gives the active store what the standby has beyond it. A complete standby has more only where the active store has lost
    /// something that it had acknowledged, or where a write has reached the standby alone: in both cases it fits behind.
    private func repair(
        _ head: SessionHead, by before: SessionRecord
    ) async throws(CheckpointerError) -> Bool {
        let session = before.id
        guard (head.record?.head ?? 0) < before.head else { return false }
        let marks = try await active.marks(of: session)
        let theirs = try await standby.marks(of: session)
        guard Set(theirs.map(\.id)).isSuperset(of: marks.map(\.id)) else { return false }
        let last = marks.last?.step ?? 0
        let lost = theirs.filter { $0.step > last }.map(\.id)
        var record = before
        record.epoch = max(before.epoch, head.record?.epoch ?? 0) + 1
        record.owner = ""
        let jobs = try await standby.jobs(of: session, limit: .max, after: nil)
        var copy = SessionCopy(over: head.record?.fence, record: record, jobs: jobs)
        copy.checkpoints = try await standby.checkpoints(lost, of: session)
        guard try await active.absorb(copy) else { return false }
        log.warning(
            "the active store had lost checkpoints, and took them over from the other",
            ["session": session.text, "checkpoints": "\(lost.count)"])
        return true
    }
}
