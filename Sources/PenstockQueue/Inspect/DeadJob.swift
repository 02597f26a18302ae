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

    /// The fields that a listing needs: all but the message.
    static let listed = [
        "id", "queue", "session", "flow", "reason", "error", "node", "checkpoint", "attempts", "crashes",
        "buried_at",
    ]

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

/// Which of the dead; what is `nil` is of no account.
package struct DeadFilter: Hashable, Sendable {
    package var reason: String?
    package var flow: String?
    package var queue: String?
    package var session: String?
    package var node: String?
    /// A part of the error's sentence, in upper or lower case.
    package var error: String?
    package var buriedBefore: Timestamp?

    package init() {}

    package var isEmpty: Bool { self == DeadFilter() }

    func includes(_ job: DeadJob) -> Bool {
        (reason == nil || reason == job.reason) && (flow == nil || flow == job.flow)
            && (queue == nil || queue == job.queue) && (session == nil || session == job.session)
            && (node == nil || node == job.node)
            && (error.map { job.error.lowercased().contains($0.lowercased()) } ?? true)
            && (buriedBefore.map { limit in job.buried.map { $0 < limit } ?? false } ?? true)
    }
}

/// Dead jobs that were buried for the same: reason, flow, node and error, numbers and ids in it left out.
package struct DeadGroup: Sendable {
    package let reason: String
    package let flow: String?
    package let node: String?
    /// The error, with `…` for what differs from job to job.
    package let error: String
    package var count: Int
    package var oldest: Timestamp?
    package var newest: Timestamp?
    /// The newest of them.
    package let example: String
}
