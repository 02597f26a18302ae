import PenstockJSON
import PenstockModel

/// A checkpoint as llmfy 0.11 keeps it. Its steps begin anew with each run, so that the place in the session is given from outside.
struct LlmfyRow {
    var id: CheckpointID
    var session: SessionID
    var node: String
    /// The JSON object as it is stored.
    var state: [UInt8]
    /// What has no column here, by llmfy's names.
    var rest: JSONObject

    /// Under which our metadata keeps what has no column.
    private static let key = "llmfy"

    func checkpoint(at place: LlmfyOutline.Place) -> Checkpoint {
        Checkpoint(
            id: id, session: session, timestamp: place.timestamp, node: node, step: place.step, state: state,
            metadata: JSON.object([Self.key: .object(rest)]).bytes)
    }

    /// Whether a checkpoint was made by ``checkpoint(at:)``: llmfy itself never writes such a one.
    static func isImported(_ checkpoint: Checkpoint) -> Bool {
        guard let metadata = checkpoint.metadata else { return false }
        do throws(JSONError) {
            return try JSON(parsing: metadata)[key] != nil
        } catch {
            return false
        }
    }

    /// What llmfy keeps beside the state, in the order of its own keys.
    static let restKeys = ["run_id", "prev_node", "step", "updated_fields", "attempt", "dispatch_id"]
}

extension LlmfyRow {
    /// Reads a value of Redis.
    init(_ bytes: [UInt8]) throws(JSONFields.Fault) {
        let fields = try JSONFields(bytes)
        guard let state = JSONMember.text(of: "state", in: bytes), state.first == UInt8(ascii: "{") else {
            throw JSONFields.Fault("\"state\" has to be an object")
        }
        id = CheckpointID(try fields.text("checkpoint_id"))
        session = try fields.identifier("session_id")
        node = try fields.text("node")
        self.state = Array(state)
        rest = JSONObject(Self.restKeys.compactMap { key in fields.value(key).map { (key, $0) } })
    }
}
