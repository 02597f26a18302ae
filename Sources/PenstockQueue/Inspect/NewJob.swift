package import PenstockJSON
package import PenstockModel

/// A job that a producer wants done, before it is a message.
package struct NewJob: Sendable {
    package var flow: FlowName
    /// Without one it gets a UUID of version 7.
    package var id: JobID?
    package var session: SessionID?
    package var input: JSONObject?
    package var maxAttempts: Int?
    package var timeoutSeconds: Double?
    package var notBefore: Timestamp?
    package var expiresAt: Timestamp?
    package var uniqueKey: String?
    package var onBusy: JobMessage.OnBusy?
    package var traceparent: String?
    package var metadata: JSONObject?

    package init(flow: FlowName) {
        self.flow = flow
    }

    var json: JSONObject {
        var object = JSONObject()
        object["flow"] = JSON(flow.text)
        object["id"] = id.map { JSON($0.text) }
        object["session_id"] = session.map { JSON($0.text) }
        object["input"] = input.map { JSON($0) }
        object["max_attempts"] = maxAttempts.map { JSON($0) }
        object["timeout_seconds"] = timeoutSeconds.map { JSON($0) }
        object["not_before"] = notBefore.map { JSON($0.description) }
        object["expires_at"] = expiresAt.map { JSON($0.description) }
        object["unique_key"] = uniqueKey.map { JSON($0) }
        object["on_busy"] = onBusy.map { JSON($0.rawValue) }
        object["traceparent"] = traceparent.map { JSON($0) }
        object["metadata"] = metadata.map { JSON($0) }
        return object
    }
}

/// A message that a worker will take, with what the scripts need to know of it.
package struct CheckedJob: Sendable {
    package let id: JobID
    package let session: SessionID
    package let flow: FlowName
    package let bytes: [UInt8]
    /// Whether the id was made for it, and so was never used before.
    let hasMadeID: Bool

    /// Writes the message and reads it as a worker would.
    ///
    /// - Throws: ``MessageFault`` with a sentence.
    package init(_ job: NewJob, maxBytes: Int) throws(MessageFault) {
        var job = job
        let id = job.id ?? JobID(unchecked: UUIDv7Source.shared.next())
        hasMadeID = job.id == nil
        job.id = id
        bytes = JSON(job.json).bytes
        let message = try JobMessage(parsing: bytes, maxBytes: maxBytes)
        self.id = message.id
        session = message.session
        flow = message.flow
    }
}
