import PenstockModel
import PenstockSQL

extension SQLRow {
    /// A row of ``SQLTables/jobColumns``.
    func jobRecord() throws(SQLError) -> JobRecord {
        let status = try text(at: 3)
        guard let status = JobStatus(rawValue: status) else {
            throw .unreadable(reason: "'\(status.prefix(40))' is no status of a job.")
        }
        var result: JobResult?
        if let checkpoint = try optionalText(at: 5) {
            result = JobResult(checkpoint: CheckpointID(checkpoint), keys: try optionalTexts(at: 6))
        }
        return JobRecord(
            id: JobID(unchecked: try text(at: 0)), session: SessionID(unchecked: try text(at: 1)),
            flow: try text(at: 2), status: status, merged: try integer(at: 4) != 0, result: result,
            error: try optionalText(at: 7), attempts: Int(try integer(at: 8)), worker: try text(at: 9),
            created: try timestamp(at: 10), updated: try timestamp(at: 11))
    }
}

extension JobRecord {
    /// The values of ``SQLTables/jobColumns``.
    func sqlValues(_ moments: inout SQLMoments) -> [SQLValue] {
        [
            .text(id.text), .text(session.text), .text(flow), .text(status.rawValue),
            .integer(merged ? 1 : 0),
            .optional(result?.checkpoint.text), .texts(result?.keys), .optional(error),
            .integer(Int64(attempts)), .text(worker), moments.value(created), moments.value(updated),
        ]
    }
}
