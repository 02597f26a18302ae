import PenstockModel
import PenstockSQL

extension SQLRow {
    /// A row of ``SQLStatements/jobColumns``.
    func jobRecord() throws(SQLError) -> JobRecord {
        let status = try text(at: 1)
        guard let status = JobStatus(rawValue: status) else {
            throw .unreadable(reason: "'\(status.prefix(40))' is no status of a job.")
        }
        var result: JobResult?
        if let checkpoint = try optionalText(at: 3) {
            result = JobResult(checkpoint: CheckpointID(checkpoint), keys: try optionalTexts(at: 4))
        }
        return JobRecord(
            id: JobID(unchecked: try text(at: 10)), session: SessionID(unchecked: try text(at: 11)),
            flow: try text(at: 0), status: status, merged: try integer(at: 2) != 0, result: result,
            error: try optionalText(at: 5), attempts: Int(try integer(at: 6)), worker: try text(at: 7),
            created: try timestamp(at: 8), updated: try timestamp(at: 9))
    }
}

extension JobRecord {
    /// The values of ``SQLStatements/jobColumns``.
    var sqlValues: [SQLValue] {
        [
            .text(flow), .text(status.rawValue), .integer(merged ? 1 : 0),
            .optional(result?.checkpoint.text), .texts(result?.keys), .optional(error),
            .integer(Int64(attempts)), .text(worker), .moment(created), .moment(updated),
            .text(id.text), .text(session.text),
        ]
    }
}
