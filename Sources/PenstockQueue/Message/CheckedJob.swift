import PenstockJSON
package import PenstockModel

/// A message that a worker will take, with what the scripts need to know of it.
package struct CheckedJob: Sendable {
    package let id: JobID
    package let session: SessionID
    package let flow: FlowName
    package let bytes: [UInt8]
    /// Whether it can be pushed with nothing looked up: nobody knows its id, which was made for it, it has no unique key, waits for its
    /// session, and the scripts read it as a worker does.
    let isSimple: Bool

    /// Writes the message and reads it as a worker would.
    ///
    /// - Throws: ``MessageFault`` with a sentence.
    package init(_ job: Job, maxBytes: Int) throws(MessageFault) {
        var job = job
        let id = job.id ?? JobID(unchecked: UUIDv7Source.shared.next())
        let hasMadeID = job.id == nil
        job.id = id
        bytes = JSON(job.json).bytes
        let message = try JobMessage(parsing: bytes, maxBytes: maxBytes)
        self.id = message.id
        session = message.session
        flow = message.flow
        isSimple =
            hasMadeID && message.uniqueKey == nil && message.onBusy == .park && !Self.hasEscapes(bytes)
    }

    /// Whether a `\u` stands in a message. It may be half of a surrogate pair, which Redis' reader refuses, and ours does not.
    private static func hasEscapes(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while let mark = rest.firstIndex(of: UInt8(ascii: "\\")) {
            rest = rest[(mark + 1)...]
            if rest.first == UInt8(ascii: "u") { return true }
        }
        return false
    }
}
