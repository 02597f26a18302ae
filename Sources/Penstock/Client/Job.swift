public import PenstockJSON
public import PenstockModel
import PenstockQueue

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
    public enum OnBusy: String, Hashable, Sendable {
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

extension NewJob {
    init(_ job: Job) {
        self.init(flow: job.flow)
        id = job.id
        session = job.session
        input = job.input
        maxAttempts = job.maxAttempts
        timeoutSeconds = job.timeoutSeconds
        notBefore = job.notBefore
        expiresAt = job.expiresAt
        uniqueKey = job.uniqueKey
        onBusy = job.onBusy.flatMap { JobMessage.OnBusy(rawValue: $0.rawValue) }
        traceparent = job.traceparent
        metadata = job.metadata
    }
}
