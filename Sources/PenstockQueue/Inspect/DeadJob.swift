package import PenstockModel

/// A buried message: its exact bytes, and why.
package struct DeadJob: Sendable {
    /// What it is called among the dead: the job's id, or another where the message had none of its own.
    package let name: String
    package let job: String?
    package let queue: String?
    package let session: String?
    package let flow: String?
    /// One word for grouping.
    package let reason: String
    /// The sentence.
    package let error: String
    package let node: String?
    /// The checkpoint that its session stood at.
    package let checkpoint: String?
    package let attempts: Int
    package let crashes: Int
    package let buried: Timestamp?
    package let message: [UInt8]

    init(name: String, _ record: QueueRecord) {
        self.name = name
        job = record.text("id")
        queue = record.text("queue")
        session = record.text("session")
        flow = record.text("flow")
        reason = record.text("reason") ?? "unknown"
        error = record.text("error") ?? ""
        node = record.text("node")
        checkpoint = record.text("checkpoint")
        attempts = record.int("attempts") ?? 0
        crashes = record.int("crashes") ?? 0
        buried = record.time("buried_at")
        message = record.bytes("message") ?? []
    }
}
