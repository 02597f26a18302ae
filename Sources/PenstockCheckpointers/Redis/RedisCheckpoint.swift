import PenstockJSON
import PenstockModel

/// A checkpoint as Redis holds it: one JSON object with llmfy's keys, the state within it as a string, and keys of our own
/// that llmfy passes over. The keys before `state` come first, where the scripts look for them.
enum RedisCheckpoint {
    static func bytes(_ checkpoint: Checkpoint) -> [UInt8] {
        var bytes: [UInt8] = []
        // A third more than the state: its quotes are escaped.
        bytes.reserveCapacity(checkpoint.state.count * 4 / 3 + 640)
        bytes.append(key: "{\"checkpoint_id\":", checkpoint.id.text)
        bytes.append(key: ",\"session_id\":", checkpoint.session.text)
        bytes.append(key: ",\"timestamp\":", checkpoint.timestamp.description)
        bytes.append(key: ",\"node_name\":", checkpoint.node)
        bytes.append(key: ",\"step\":", checkpoint.step)
        if let next = checkpoint.next { bytes.append(key: ",\"next\":", next) }
        if let epoch = checkpoint.epoch { bytes.append(key: ",\"epoch\":", Int(epoch)) }
        if let job = checkpoint.job { bytes.append(key: ",\"job_id\":", job.text) }
        if let run = checkpoint.run { bytes.append(key: ",\"run\":", run.text) }
        if let runStep = checkpoint.runStep { bytes.append(key: ",\"run_step\":", runStep) }
        bytes.append(key: ",\"state_bytes\":", checkpoint.state.count)
        bytes.append(contentsOf: ",\"state\":".utf8)
        appendJSONString(checkpoint.state, to: &bytes)
        if let metadata = checkpoint.metadata {
            bytes.append(contentsOf: ",\"metadata\":".utf8)
            bytes.append(contentsOf: metadata)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    static func read(_ bytes: [UInt8], of session: SessionID) throws(CheckpointerError) -> Checkpoint {
        let fields: JSONFields
        do throws(JSONFields.Fault) {
            fields = try JSONFields(bytes)
            if fields.has("created_at"), fields.has("node") {
                throw JSONFields.Fault(
                    "llmfy 0.11 or later wrote it, in a format that only penstock store copy reads: copy it into a store "
                        + "of another prefix")
            }
            return Checkpoint(
                id: CheckpointID(try fields.text("checkpoint_id")),
                session: try fields.identifier("session_id"),
                timestamp: try fields.timestamp("timestamp"),
                node: try fields.text("node_name"),
                step: try fields.integer("step"),
                state: Array(try fields.text("state").utf8),
                next: try fields.ifPresent("next", fields.texts),
                epoch: try fields.ifPresent("epoch", fields.integer).map(Int64.init),
                job: try fields.ifPresent("job_id", fields.identifier),
                run: try fields.ifPresent("run", fields.identifier),
                runStep: try fields.ifPresent("run_step", fields.integer),
                metadata: try fields.ifPresent("metadata", fields.object).map { JSON.object($0).bytes })
        } catch {
            throw .unreadable(what: "a checkpoint of session \(session)", reason: error.reason)
        }
    }
}
