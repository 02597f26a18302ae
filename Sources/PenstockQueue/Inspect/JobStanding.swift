package import PenstockModel

/// How a job stands in the queue: what its record says.
package struct JobStanding: Sendable {
    package enum Status: String, Sendable, CaseIterable {
        /// In its queue.
        case waiting
        /// In its session's line, behind another job.
        case parked
        /// Until a time: a retry, or not before.
        case scheduled
        case running
        case done
        case cancelled
        case dead

        package var isEnd: Bool { self == .done || self == .cancelled || self == .dead }
    }

    package let id: String
    /// `nil` for a word that a later version wrote.
    package let status: Status?
    /// The status as it is written.
    package let statusText: String
    package let flow: String?
    package let session: String?
    package let queue: String?
    /// The last worker that claimed it.
    package let worker: String?
    /// Attempts that ended in an error of the flow.
    package let attempts: Int
    /// Times that a worker died with it.
    package let crashes: Int
    /// Times that a drain, or a lock that was lost, sent it back in the middle.
    package let interruptions: Int
    /// Whether it is to be cancelled, and has not ended yet.
    package let isToBeCancelled: Bool
    /// The last error, and the node that it came from.
    package let error: String?
    package let node: String?
    /// How far its node is, as the node last told: JSON with `fraction` and `text`.
    package let progress: [UInt8]?
    /// The result as JSON, where it stands in the record.
    package let result: [UInt8]?
    /// Whether the result is in the store alone, because it is too large for the record.
    package let isStored: Bool
    /// When it was enqueued; `nil` for a job that was pushed by hand.
    package let created: Timestamp?
    /// When it was last claimed.
    package let claimed: Timestamp?
    package let ended: Timestamp?
    /// When it is due, if it is scheduled.
    package let due: Timestamp?

    /// The fields that a listing needs: all but the result.
    static let listed = [
        "status", "flow", "session", "queue", "worker", "attempts", "crashes", "interruptions", "cancel",
        "progress",
        "error", "node", "stored",
        "created_at", "claimed_at", "ended_at", "due",
    ]

    init(id: String, _ record: QueueRecord) {
        self.id = id
        statusText = record.text("status") ?? "unknown"
        status = Status(rawValue: statusText)
        flow = record.text("flow")
        session = record.text("session")
        queue = record.text("queue")
        worker = record.text("worker")
        attempts = record.int("attempts") ?? 0
        crashes = record.int("crashes") ?? 0
        interruptions = record.int("interruptions") ?? 0
        isToBeCancelled = record.text("cancel") != nil && status?.isEnd != true
        error = record.text("error")
        node = record.text("node")
        progress = status == .running ? record.bytes("progress") : nil
        isStored = record.int("stored") == 1
        result = record.bytes("result").flatMap { $0.isEmpty ? nil : $0 }
        created = record.time("created_at")
        claimed = record.time("claimed_at")
        ended = record.time("ended_at")
        due = status == .scheduled ? record.time("due") : nil
    }
}
