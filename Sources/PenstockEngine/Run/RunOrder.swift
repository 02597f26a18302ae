package import PenstockJSON
package import PenstockModel

/// What an attempt at a job is asked to do.
package struct RunOrder: Sendable {
    package var job: JobID
    package var session: SessionID
    /// Which attempt of the job this is, counted from 1.
    package var attempt: Int
    /// Attempts that ended in an error of the flow so far.
    package var failures: Int
    /// A partial state, to be merged unless the job's record says that it was.
    package var input: JSONObject?
    package var metadata: JSONObject
    package var traceparent: String?
    /// Who runs it, for the job's record.
    package var worker: String
    /// How large the message is that it came in; 0 where there is none.
    package var messageBytes: Int

    package init(
        job: JobID, session: SessionID, attempt: Int = 1, failures: Int = 0, input: JSONObject? = nil,
        metadata: JSONObject = [:], traceparent: String? = nil, worker: String,
        messageBytes: Int = 0
    ) {
        self.job = job
        self.session = session
        self.attempt = attempt
        self.failures = failures
        self.input = input
        self.metadata = metadata
        self.traceparent = traceparent
        self.worker = worker
        self.messageBytes = messageBytes
    }
}
