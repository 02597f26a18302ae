import PenstockModel

/// Where a run begins or goes on.
struct RunPosition<State: Sendable>: Sendable {
    var held: HeldState<State>
    var next: NodeName
    var run: JobID
    /// The run's nodes that have completed.
    var runStep: Int
    /// The session's last step.
    var step: Int
}

/// Why a run does not begin.
enum RunHindrance: Error {
    /// The job is done already.
    case done(JobRecord)
    case refused(String)
    case postponed(String)
    case unreadable(String)
    /// A route, or a reducer of the flow, threw.
    case failed(at: NodeName, any Error)
}
