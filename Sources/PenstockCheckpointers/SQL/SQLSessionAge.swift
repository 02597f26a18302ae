import PenstockModel
import PenstockSQL

/// A session in the listing that a cleaning goes by.
struct SQLSessionAge: Sendable {
    let record: SessionRecord
    private let oldestStep: Int?
    private let oldestTime: Timestamp?
    private let hasOldJobs: Bool

    /// A row of ``SQLCleaning/sessions``.
    init(_ row: SQLRow) throws(SQLError) {
        record = try row.sessionRecord()
        oldestStep = try row.optionalInteger(at: 9).map { Int($0) }
        oldestTime = try row.isNull(at: 10) ? nil : row.timestamp(at: 10)
        hasOldJobs = try row.integer(at: 11) == 1
    }

    /// Whether it is worth looking into the session.
    func mayLose(by limits: RetentionLimits) -> Bool {
        guard let oldestStep, let oldestTime else { return hasOldJobs }
        return hasOldJobs || limits.count.map { record.head - oldestStep >= $0 } ?? false
            || limits.oldest.map { oldestTime < $0 } ?? false
    }
}
