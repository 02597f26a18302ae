import PenstockModel

/// Makes one session in the target what it is in the source.
///
/// While that lasts the session has an owner there that nobody else is, and each part is taken only while it still has: whoever opens
/// the session meanwhile keeps it. Another such owner says afterwards that nobody has opened it since.
package struct SessionTransfer {
    package struct Limits: Sendable {
        /// The states that are held at a time, unless one alone is larger.
        package var bytes: Int
        /// How often a session that changes meanwhile is gone over.
        package var rounds: Int

        package init(bytes: Int = 4 * 1024 * 1024, rounds: Int = 5) {
            self.bytes = bytes
            self.rounds = rounds
        }
    }

    enum Outcome: Hashable {
        case copied
        case alreadyThere
        /// Somebody works on it in the target, or has.
        case leftAlone(reason: String, hasAll: Bool)
        case different(reason: String)
        case moving
        /// The source has no such session.
        case gone
    }

    struct Copied: Hashable {
        var checkpoints = 0
        var jobs = 0
        var bytes = 0
    }

    /// What the owner of a session begins with while it is copied.
    static let ownerWhile = "copying:"
    private static let ownerAfterwards = "copied:"
    private static let checkpointsAtOnce = 64
    private static let jobsAtOnce = 100

    private let session: SessionID
    private let source: any CopySource
    private let target: any CopyTarget
    private let token: String
    private let limits: Limits

    private(set) var copied = Copied()
    /// What was read back and is not what was written.
    private var garbled: [CheckpointID] = []
    /// Jobs that the target knows with another session.
    private var strangers: [JobID] = []
    /// The record as it stands in the target since this has written there.
    private var claim: SessionRecord?

    init(
        of session: SessionID, from source: any CopySource, to target: any CopyTarget, token: String,
        limits: Limits
    ) {
        self.session = session
        self.source = source
        self.target = target
        self.token = token
        self.limits = limits
    }

    mutating func run() async throws(CheckpointerError) -> Outcome {
        for _ in 0..<limits.rounds {
            let head = try await source.head(of: session)
            let marks = try await source.marks(of: session)
            guard let record = try await record(at: head, marks) else { return .gone }
            switch try await round(to: record, marks) {
            case .ended(let outcome): return outcome
            case .written: break
            }
            guard try await source.head(of: session) == head else { continue }
            let differences = try await differences(from: record, marks)
            if differences.isEmpty { return .copied }
            guard try await source.head(of: session) == head else { continue }
            return .different(reason: differences.joined(separator: ", "))
        }
        return .moving
    }

    private enum RoundEnd {
        case ended(Outcome)
        case written
    }

    /// The record as the target is to have it: with the greatest step as its head, above which only llmfy writes.
    private func record(
        at head: SessionHead, _ marks: [CheckpointMark]
    ) async throws(CheckpointerError) -> SessionRecord? {
        var record = head.record
        if record == nil { record = try await source.record(of: session) }
        guard var record else { return nil }
        record.head = max(record.head, marks.map(\.step).max() ?? 0)
        record.owner = Self.ownerAfterwards + token
        return record
    }

    private mutating func round(
        to record: SessionRecord, _ marks: [CheckpointMark]
    ) async throws(CheckpointerError) -> RoundEnd {
        let there = try await target.head(of: session).record
        let gap = CopyGap(from: marks, to: try await target.marks(of: session))
        if let reason = try await whyNotToTouch(there, gap, source: record) {
            return .ended(.leftAlone(reason: reason, hasAll: gap.missing.isEmpty))
        }
        guard try await write(gap, over: there, to: record), try await writeJobs(over: there, to: record)
        else {
            return .ended(.leftAlone(reason: "it was opened there while it was copied", hasAll: false))
        }
        if claim == nil, strangers.isEmpty, let there, CopyComparison.equal(there, record) {
            return .ended(.alreadyThere)
        }
        let last = SessionCopy(over: (claim ?? there)?.fence, record: record)
        guard try await target.absorb(last) else {
            return .ended(.leftAlone(reason: "it was opened there while it was copied", hasAll: false))
        }
        claim = record
        return .written
    }

    // MARK: Leaving alone

    /// Why the session there is somebody else's by now, in a sentence; `nil` if it is as a copy has left it.
    private func whyNotToTouch(
        _ there: SessionRecord?, _ gap: CopyGap, source record: SessionRecord
    ) async throws(CheckpointerError) -> String? {
        if let there, !there.owner.hasPrefix(Self.ownerAfterwards), !there.owner.hasPrefix(Self.ownerWhile) {
            let here = try await source.head(of: session).record
            guard here?.epoch == there.epoch, here?.owner == there.owner else {
                return
                    "it was opened or changed there, and has epoch \(there.epoch) (\(record.epoch) in the source)"
            }
        }
        if there == nil, !gap.surplus.isEmpty {
            return "it has \(gap.surplus.count) checkpoints there that the source does not have"
        }
        // llmfy writes without opening. What Penstock wrote there cannot be later than the copy.
        let doubtful = try await doubtful(of: gap.surplus)
        return doubtful > 0
            ? "llmfy may have written \(doubtful) of its checkpoints there: the source does not have them"
            : nil
    }

    /// How many of the checkpoints in the target may be llmfy's own.
    private func doubtful(of surplus: [CheckpointID]) async throws(CheckpointerError) -> Int {
        var doubtful = 0
        var rest = surplus[...]
        while !rest.isEmpty {
            let page = try await target.checkpoints(
                firstOf: rest.prefix(Self.checkpointsAtOnce), of: session, upTo: limits.bytes)
            rest = rest.dropFirst(page.looked)
            doubtful += page.found.count { $0.epoch == nil && !LlmfyRow.isImported($0) }
        }
        return doubtful
    }

    // MARK: Writing

    /// Takes the session over in the target where that has not been done, and adds a part; `false` if another was faster.
    private mutating func absorb(
        over there: SessionRecord?, to record: SessionRecord, _ fill: (inout SessionCopy) -> Void
    ) async throws(CheckpointerError) -> Bool {
        let own: SessionRecord
        if let claim, claim.owner == Self.ownerWhile + token {
            own = claim
        } else {
            var first =
                claim ?? there
                ?? SessionRecord(
                    id: session, epoch: 0, owner: "", head: 0, created: record.created,
                    updated: record.updated)
            let over = (claim ?? there)?.fence
            first.owner = Self.ownerWhile + token
            guard try await target.absorb(SessionCopy(over: over, record: first)) else { return false }
            claim = first
            own = first
        }
        var part = SessionCopy(over: own.fence, record: own)
        fill(&part)
        return try await target.absorb(part)
    }

    private mutating func write(
        _ gap: CopyGap, over there: SessionRecord?, to record: SessionRecord
    ) async throws(CheckpointerError) -> Bool {
        var surplus = gap.surplus[...]
        while !surplus.isEmpty {
            let page = Array(surplus.prefix(Self.checkpointsAtOnce))
            surplus = surplus.dropFirst(page.count)
            guard try await absorb(over: there, to: record, { $0.removedCheckpoints = page }) else {
                return false
            }
        }
        var missing = gap.missing[...]
        while !missing.isEmpty {
            let page = try await source.checkpoints(
                firstOf: missing.prefix(Self.checkpointsAtOnce), of: session, upTo: limits.bytes)
            missing = missing.dropFirst(page.looked)
            if page.found.isEmpty { continue }
            guard try await absorb(over: there, to: record, { $0.checkpoints = page.found }) else {
                return false
            }
            copied.checkpoints += page.found.count
            copied.bytes += page.found.reduce(0) { $0 + $1.state.count }
            try await readBack(page.found)
        }
        return true
    }

    private mutating func readBack(_ written: [Checkpoint]) async throws(CheckpointerError) {
        var rest = written[...]
        while !rest.isEmpty {
            let back = try await target.checkpoints(
                firstOf: rest.map(\.id)[...], of: session, upTo: limits.bytes)
            let found = Dictionary(back.found.map { ($0.id, $0) }) { first, _ in first }
            for checkpoint in rest.prefix(back.looked) {
                let isEqual = found[checkpoint.id].map { CopyComparison.equal($0, checkpoint) } ?? false
                if !isEqual { garbled.append(checkpoint.id) }
            }
            rest = rest.dropFirst(back.looked)
        }
    }

    private mutating func writeJobs(
        over there: SessionRecord?, to record: SessionRecord
    ) async throws(CheckpointerError) -> Bool {
        var differences = JobDifferences(of: session, in: source, and: target)
        var (records, removed): ([JobRecord], [JobID]) = ([], [])
        strangers = []
        while let difference = try await differences.next() {
            switch difference {
            case .remove(let id): removed.append(id)
            case .put(let job):
                if let other = try await target.job(job.id), other.session != session {
                    strangers.append(job.id)
                } else {
                    records.append(job)
                }
            }
            guard records.count + removed.count >= Self.jobsAtOnce else { continue }
            guard try await put(records, removing: removed, over: there, to: record) else { return false }
            (records, removed) = ([], [])
        }
        return try await put(records, removing: removed, over: there, to: record)
    }

    private mutating func put(
        _ jobs: [JobRecord], removing removed: [JobID], over there: SessionRecord?, to record: SessionRecord
    ) async throws(CheckpointerError) -> Bool {
        if jobs.isEmpty, removed.isEmpty { return true }
        let isTaken = try await absorb(over: there, to: record) { part in
            part.jobs = jobs
            part.removedJobs = removed
        }
        if isTaken { copied.jobs += jobs.count }
        return isTaken
    }

    // MARK: Verifying

    /// What the target does not have as the source has it.
    private func differences(
        from record: SessionRecord, _ marks: [CheckpointMark]
    ) async throws(CheckpointerError) -> [String] {
        var differences: [String] = []
        let gap = CopyGap(from: marks, to: try await target.marks(of: session))
        if !gap.missing.isEmpty { differences.append("\(gap.missing.count) checkpoints are missing there") }
        if !gap.surplus.isEmpty { differences.append("\(gap.surplus.count) checkpoints are there alone") }
        if let first = garbled.first {
            differences.append("\(garbled.count) checkpoints read otherwise than written, \(first) first")
        }
        let there = try await target.head(of: session).record
        if there.map({ !CopyComparison.equal($0, record) }) ?? true {
            differences.append("its record reads otherwise")
        }
        var jobs = JobDifferences(of: session, in: source, and: target)
        var count = 0
        while try await jobs.next() != nil { count += 1 }
        if count > strangers.count { differences.append("\(count - strangers.count) jobs read otherwise") }
        if let first = strangers.first {
            differences.append("\(strangers.count) jobs are another session's there, \(first) first")
        }
        return differences
    }
}
