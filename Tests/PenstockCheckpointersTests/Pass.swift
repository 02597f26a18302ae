import PenstockModel

/// All that came of one pass over a store.
struct Pass: Equatable {
    var removed: [String: Removed] = [:]
    var sessions = 0
    var pages = 0
    /// The most that one page removed.
    var mostRows = 0
}

extension Checkpointer {
    /// Cleans all sessions, page by page.
    @discardableResult
    func pass(
        keeping retention: Retention, at now: Timestamp, limit: Int = 100, isDryRun: Bool = false
    ) async throws -> Pass {
        var pass = Pass()
        var position: CleaningPosition?
        repeat {
            let page = try await clean(
                retention, from: position, limit: limit, isDryRun: isDryRun, now: now)
            pass.removed.merge(page.removed) { $0 + $1 }
            pass.sessions += page.sessions
            pass.pages += 1
            pass.mostRows = max(pass.mostRows, page.total.checkpoints, page.total.jobs)
            position = page.next
        } while position != nil
        return pass
    }
}

extension Retention {
    /// One rule for all flows.
    static func all(
        _ checkpoints: Int? = nil, days age: Int? = nil, endedDays: Int? = nil, deadDays: Int? = nil
    ) -> Retention {
        Retention(
            standard: RetentionRule(checkpoints: checkpoints, age: age.map { .days($0) }),
            endedJobs: endedDays.map { .days($0) }, deadJobs: deadDays.map { .days($0) })
    }
}

extension Duration {
    static func days(_ days: Int) -> Duration { .seconds(days * 86_400) }
}

extension Timestamp {
    /// A moment of the nth day after a fixed one.
    static func day(_ day: Int) -> Timestamp { .sample(0).advanced(by: .days(day)) }
}

extension Writer {
    /// A session with a checkpoint on each of some days, its last save leaving it and its job as they are told.
    @discardableResult
    static func session(
        _ session: SessionID, in store: any Checkpointer, job: JobID? = nil, flow: String = "sample",
        days: ClosedRange<Int>, _ status: SessionStatus = .running, _ jobStatus: JobStatus = .running
    ) async throws -> Writer {
        var writer = try await Writer.open(session, in: store, job: job ?? JobID(unchecked: session.text))
        for day in days {
            try await writer.save(
                on: day, flow: flow, day == days.upperBound ? status : .running,
                day == days.upperBound ? jobStatus : .running)
        }
        return writer
    }

    /// Saves a checkpoint on a day; with a job that is done it is the job's result.
    @discardableResult
    mutating func save(
        on day: Int, flow: String = "sample", _ status: SessionStatus = .running,
        _ jobStatus: JobStatus = .running
    ) async throws -> Checkpoint {
        try await save(timestamp: .day(day)) { save in
            save.flow = flow
            save.status = status
            save.job?.status = jobStatus
            save.job?.updated = .day(day)
            if jobStatus == .done { save.job?.result = save.checkpoint.map { JobResult(checkpoint: $0.id) } }
        }
    }
}
