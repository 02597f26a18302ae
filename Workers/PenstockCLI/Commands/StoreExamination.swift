import PenstockModel

/// What a store says about itself, and how fast it saves.
enum StoreExamination {
    /// Never a uuid: one empty session stays behind, however often the doctor comes.
    static let session: SessionID = "penstock-doctor"
    private static let saves = 20

    static func findings(in store: any Checkpointer) async throws -> [Finding] {
        var findings = try await store.ping().map {
            Finding("store", $0.name, $0.value, complaint: $0.complaint)
        }
        let size = try await store.size()
        findings.append(
            Finding(
                "store", "size",
                "\(size.sessions) sessions, \(size.checkpoints) checkpoints, \(size.bytes) bytes"))
        do throws(CheckpointerError) {
            findings.append(Finding("store", "save", try await saveTimings(in: store).text))
        } catch {
            switch error {
            case .fenced:
                findings.append(Finding("store", "save", "not measured: another doctor is at work"))
            case .refused(let reason), .unfit(let reason):
                findings.append(Finding("store", "save", "refused", complaint: reason))
            case .unavailable, .unreadable:
                throw error
            }
        }
        return findings
    }

    /// Saves some checkpoints one after the other and forgets them.
    private static func saveTimings(in store: any Checkpointer) async throws(CheckpointerError) -> Timings {
        let job = JobID(unchecked: UUIDv7Source.shared.next())
        let opened = try await store.open(session, for: job, as: "doctor:" + UUIDv7Source.shared.next())
        var timings: [Duration] = []
        let padding = String(repeating: "x", count: 1000)
        for count in 1...saves {
            let now = WallClock.system.now()
            let step = opened.record.head + count
            let checkpoint = Checkpoint(
                id: CheckpointID(UUIDv7Source.shared.next()), session: session, timestamp: now,
                node: "measure", step: step, state: Array("{\"padding\":\"\(padding)\"}".utf8),
                next: [NodeName.end.text], epoch: opened.record.epoch, job: job, run: job, runStep: count)
            let save = Save(
                session: session, epoch: opened.record.epoch, owner: opened.record.owner, seen: step - 1,
                checkpoint: checkpoint, flow: "penstock-doctor", version: 1, status: .done,
                job: JobRecord(
                    id: job, session: session, flow: "penstock-doctor", status: .done, merged: true,
                    worker: "doctor", created: now, updated: now))
            let start = ContinuousClock.now
            try await store.save(save)
            timings.append(.now - start)
        }
        try await store.reset(session)
        return Timings(timings)
    }
}
