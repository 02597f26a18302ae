public import PenstockJSON
public import PenstockModel

/// A job that a producer wants done: one run of a flow in a session.
///
/// ```swift
/// var job = Job("order", session: "user-123", input: ["items": ["pen"]])
/// job.uniqueKey = "order/2026-11-26/17"
/// ```
public struct Job: Hashable, Sendable {
    /// The flow.
    public var flow: FlowName
    /// Its identity: a job whose id is done is not run again. `nil` for a new UUID of version 7.
    public var id: JobID?
    /// The session to run in; `nil` for one of the job's own.
    public var session: SessionID?
    /// A partial state, merged into the session's by the flow's reducers, exactly once.
    public var input: JSONObject?
    /// Attempts that may end in an error; `nil` for as many as the flow says.
    public var maxAttempts: Int?
    /// The limit of one attempt, in seconds.
    public var timeoutSeconds: Double?
    /// The earliest start.
    public var notBefore: Timestamp?
    /// The latest first start: past it the job is buried as expired.
    public var expiresAt: Timestamp?
    /// While a job with this key has not ended, no other is accepted. 1 to 255 bytes.
    public var uniqueKey: String?
    /// What to do when the session's turn is another job's; `nil` is ``OnBusy/park``.
    public var onBusy: OnBusy?
    /// The W3C trace context, handed on to nodes and logs.
    public var traceparent: String?
    /// The producer's own words, handed to the nodes and never interpreted.
    public var metadata: JSONObject?

    /// What a job does that finds its session busy.
    public enum OnBusy: String, Hashable, Sendable, CaseIterable {
        /// It waits in the session's line.
        case park
        /// It ends, as cancelled.
        case reject
    }

    /// A job of a flow, in a session, with an input.
    public init(_ flow: FlowName, session: SessionID? = nil, input: JSONObject? = nil) {
        self.flow = flow
        self.session = session
        self.input = input
    }
}

extension Job {
    /// The message, as far as it is given.
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
