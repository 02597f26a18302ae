package import PenstockJSON
package import PenstockModel

/// One message that asks for a flow to be run in a session, read and checked in full.
package struct JobMessage: Sendable {
    package let flow: FlowName
    package let id: JobID
    package let session: SessionID
    /// A partial state, merged by the flow's reducers, exactly once.
    package let input: JSONObject?
    /// Attempts that may end in an error of the flow before the job is buried; `nil` for as many as the flow says.
    package let maxAttempts: Int?
    /// The limit of one attempt.
    package let timeout: Duration?
    /// The earliest start.
    package let notBefore: Timestamp?
    /// The latest first start.
    package let expiresAt: Timestamp?
    /// While a job with this key has not ended, no other with it is accepted.
    package let uniqueKey: String?
    /// What to do when the session's turn is another job's.
    package let onBusy: Job.OnBusy
    /// The W3C trace context, as it came.
    package let traceparent: String?
    /// The producer's own, never interpreted.
    package let metadata: JSONObject

    package static let defaultMaxBytes = 1 << 20
    /// What a claim adds to a message that came without an id: `"id":"…",` with a UUID. It is not counted as the message's.
    package static let roomForID = 44
    /// The version of the format that this reads.
    package static let version = 1
}
