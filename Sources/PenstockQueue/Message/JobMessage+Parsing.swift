import PenstockJSON
import PenstockModel

extension JobMessage {
    /// Reads a message that has an id.
    ///
    /// What is larger than `maxBytes` is refused unread.
    ///
    /// - Throws: ``MessageFault`` with one sentence for the first fault found.
    package init(parsing message: [UInt8], maxBytes: Int) throws(MessageFault) {
        guard message.count <= maxBytes else {
            throw .refused(
                "the message has \(message.count) bytes, more than the \(maxBytes) that are allowed")
        }
        let json: JSON
        do {
            json = try JSON(parsing: message, limits: .message(bytes: maxBytes))
        } catch {
            throw .refused("the message is no JSON: \(error)")
        }
        guard let object = json.object else {
            throw .refused("a message is a JSON object, not \(json.kind)")
        }
        try self.init(reading: MessageFields(object))
    }

    private init(reading fields: MessageFields) throws(MessageFault) {
        if let version = try fields.integer("v", atLeast: 1), version > Self.version {
            throw .newer(version: version)
        }
        try fields.refuseUnknown()
        guard let flow: FlowName = try fields.identifier("flow") else {
            throw .refused("the message has no \"flow\": which flow to run")
        }
        guard let id: JobID = try fields.identifier("id") else { throw .refused("the message has no \"id\"") }
        self.flow = flow
        self.id = id
        session = try fields.identifier("session_id") ?? SessionID(unchecked: id.text)
        input = try fields.object("input", orNull: true)
        maxAttempts = try fields.integer("max_attempts", atLeast: 1)
        timeout = try fields.seconds("timeout_seconds")
        notBefore = try fields.timestamp("not_before")
        expiresAt = try fields.timestamp("expires_at")
        if let notBefore, let expiresAt, expiresAt < notBefore {
            throw .refused(
                "\"expires_at\" is a time after \"not_before\", not one before it: it could never start")
        }
        traceparent = try fields.traceparent("traceparent")
        metadata = try fields.object("metadata", orNull: false) ?? JSONObject()
        uniqueKey = try fields.text("unique_key", bytes: 1...255)
        onBusy = try fields.word("on_busy") ?? .park
    }
}
