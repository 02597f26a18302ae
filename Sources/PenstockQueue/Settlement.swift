package import PenstockModel

/// How a claim ends.
package enum Settlement: Sendable {
    /// The job is done; its result is committed in the store.
    case done(result: [UInt8])
    /// The job was cancelled, for a reason in a sentence; the store notes it.
    case cancelled(reason: String)
    /// The attempt ended in an error; the job comes back after a wait, and keeps its session's turn.
    case retry(after: Duration, error: String, node: String)
    /// The job goes back as it was: no attempt and no crash, though an interruption if it had begun. It keeps its session's turn.
    case handBack(after: Duration, isInterruption: Bool)
    /// Nobody here can run the job yet (an unknown flow, a later version): it comes back after a wait and keeps its session's
    /// turn, unless it has done so for longer than `patience`. The reason stands in its record meanwhile.
    case await(Duration, patience: Duration, reason: String = "")
    /// The job's time has not come: it takes its place in line when it is due.
    case postpone(until: Timestamp)
    /// The job is kept among the dead.
    case bury(Burial)
}

/// Why a job is buried.
package struct Burial: Sendable {
    /// One word for grouping, of ``reasons``.
    package var reason: String
    /// The sentence.
    package var error: String
    package var node: String
    /// The checkpoint that the session stands at.
    package var checkpoint: String
    package var flow: String
    /// Whether the burial ends an attempt that failed.
    package var endsAttempt: Bool

    /// All that a job is buried for.
    package static let reasons = ["failed", "crashed", "expired", "refused", "conflict", "unknown_flow"]

    package init(
        reason: String, error: String, node: String = "", checkpoint: String = "", flow: String = "",
        endsAttempt: Bool = false
    ) {
        self.reason = reason
        self.error = error
        self.node = node
        self.checkpoint = checkpoint
        self.flow = flow
        self.endsAttempt = endsAttempt
    }
}

/// What came of settling.
package enum Settled: Sendable {
    /// The claim has ended; `next` is the session's next job, claimed by the same call.
    case settled(next: Claim?)
    /// The claim was no longer this worker's: whoever has it now settles it.
    case notHeld
    /// Nothing changed: the job was awaited for longer than its patience, and is to be buried.
    case outOfPatience
    /// Nothing changed: the time that the job was to wait for has come.
    case due
}
