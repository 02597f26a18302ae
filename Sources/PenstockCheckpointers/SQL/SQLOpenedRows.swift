import PenstockModel
import PenstockSQL

/// What the statements of a group's openings have answered: records, latest checkpoints, `__start__` rows, jobs.
struct SQLOpenedRows {
    private var records: [SessionID: SessionRecord] = [:]
    private var latest: [SessionID: Checkpoint] = [:]
    private var starts: [SessionID: Checkpoint] = [:]
    private var jobs: [JobID: JobRecord] = [:]

    init(_ answers: ArraySlice<SQLAnswer>) throws(SQLError) {
        guard !answers.isEmpty else { return }
        let rows = answers.map(\.rows)
        guard rows.count == 4 else { throw .bug(reason: "Opening sessions was not answered.") }
        for row in rows[0] {
            let record = try row.sessionRecord()
            records[record.id] = record
        }
        for row in rows[1] {
            let checkpoint = try row.checkpoint()
            latest[checkpoint.session] = checkpoint
        }
        for row in rows[2] {
            let checkpoint = try row.checkpoint()
            starts[checkpoint.session] = checkpoint
        }
        for row in rows[3] {
            let job = try row.jobRecord()
            jobs[job.id] = job
        }
    }

    func session(_ opening: SQLOpening) throws(SQLError) -> OpenedSession {
        guard let record = records[opening.session] else {
            throw .bug(reason: "Opening a session was not answered.")
        }
        return OpenedSession(
            record: record, latest: latest[opening.session], start: starts[opening.session],
            job: jobs[opening.job])
    }
}
