import PenstockJSON
import PenstockModel

/// A job's record as Redis holds it: one JSON object, with the epoch of its writer, by which a reset forgets it.
enum RedisJobRecord {
    static func bytes(_ job: JobRecord, epoch: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.append(key: "{\"job_id\":", job.id.text)
        bytes.append(key: ",\"session_id\":", job.session.text)
        bytes.append(key: ",\"epoch\":", Int(epoch))
        bytes.append(key: ",\"flow\":", job.flow)
        bytes.append(key: ",\"status\":", job.status.rawValue)
        bytes.append(contentsOf: (job.merged ? ",\"merged\":true" : ",\"merged\":false").utf8)
        if let result = job.result {
            bytes.append(key: ",\"result_checkpoint_id\":", result.checkpoint.text)
            if let keys = result.keys { bytes.append(key: ",\"result_keys\":", keys) }
        }
        if let error = job.error { bytes.append(key: ",\"error\":", error) }
        bytes.append(key: ",\"attempts\":", job.attempts)
        bytes.append(key: ",\"worker\":", job.worker)
        bytes.append(key: ",\"created_at\":", job.created.description)
        bytes.append(key: ",\"updated_at\":", job.updated.description)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Reads a record; `nil` if a reset forgot it, as it did with those of a lesser epoch than the one given.
    static func read(
        _ bytes: [UInt8], of job: JobID, forgottenBelow epoch: Int?
    ) throws(CheckpointerError) -> JobRecord? {
        do throws(JSONFields.Fault) {
            let fields = try JSONFields(bytes)
            if let epoch, try fields.integer("epoch") < epoch { return nil }
            let statusText = try fields.text("status")
            guard let status = JobStatus(rawValue: statusText) else {
                throw JSONFields.Fault("\"\(statusText)\" is no status of a job")
            }
            var result: JobResult?
            if let checkpoint = try fields.ifPresent("result_checkpoint_id", fields.text) {
                result = JobResult(
                    checkpoint: CheckpointID(checkpoint),
                    keys: try fields.ifPresent("result_keys", fields.texts))
            }
            return JobRecord(
                id: try fields.identifier("job_id"), session: try fields.identifier("session_id"),
                flow: try fields.text("flow"), status: status, merged: try fields.boolean("merged"),
                result: result,
                error: try fields.ifPresent("error", fields.text), attempts: try fields.integer("attempts"),
                worker: try fields.text("worker"), created: try fields.timestamp("created_at"),
                updated: try fields.timestamp("updated_at"))
        } catch {
            throw .unreadable(what: "the record of job \(job)", reason: error.reason)
        }
    }
}
