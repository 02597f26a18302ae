import PenstockJSON
package import PenstockModel

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
    package init(_ job: Job, maxBytes: Int) throws(MessageFault) {
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
