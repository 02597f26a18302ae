/// What a store keeps of sessions and jobs, and for how long.
public struct Retention: Hashable, Sendable {
    /// For sessions of flows that have no rule of their own; `nil` leaves these sessions alone.
    public var standard: RetentionRule?
    /// Rules by the name of the flow.
    public var flows: [String: RetentionRule]
    /// How long the record of a job that is done or cancelled is kept after its end; `nil` for ever.
    public var endedJobs: Duration?
    /// How long the record of a buried job is kept; `nil` for ever. It has to outlive the job in the dead list: sent
    /// again, it is known by its record that its input was merged.
    public var deadJobs: Duration?

    /// Retention that keeps whatever it is not told about.
    public init(
        standard: RetentionRule? = nil, flows: [String: RetentionRule] = [:], endedJobs: Duration? = nil,
        deadJobs: Duration? = nil
    ) {
        self.standard = standard
        self.flows = flows
        self.endedJobs = endedJobs
        self.deadJobs = deadJobs
    }
}

/// Which checkpoints of a session are kept: those that are within both limits.
public struct RetentionRule: Hashable, Sendable {
    /// The last so many; all of them for `nil`.
    public var checkpoints: Int?
    /// Those that are younger; all of them for `nil`.
    public var age: Duration?

    /// A rule that keeps all checkpoints, unless it is told otherwise.
    public init(checkpoints: Int? = nil, age: Duration? = nil) {
        self.checkpoints = checkpoints
        self.age = age
    }
}

extension Retention {
    /// How long nobody must have opened or written a session before its last checkpoint may go, whatever the rule: a node
    /// may run for long before its first checkpoint is saved.
    package static let leastIdleness: Duration = .seconds(86_400)

    /// What goes from a session of that flow at a moment; `nil` if it is left alone.
    package func limits(of flow: String?, at now: Timestamp) -> RetentionLimits? {
        guard let flow, let rule = flows[flow] ?? standard else { return nil }
        func earlier(by age: Duration?) -> Timestamp? { age.map { now.advanced(by: .zero - $0) } }
        return RetentionLimits(
            flow: flow, count: rule.checkpoints.map { max(1, $0) }, oldest: earlier(by: rule.age),
            idle: earlier(by: rule.age.map { max($0, Self.leastIdleness) }),
            oldestEnded: earlier(by: endedJobs), oldestDead: earlier(by: deadJobs))
    }
}

/// A flow's retention at one moment.
package struct RetentionLimits: Hashable, Sendable {
    package let flow: String
    /// The last so many checkpoints stay.
    package let count: Int?
    /// Checkpoints from before go.
    package let oldest: Timestamp?
    /// The last checkpoint of a done session may go too, if it was neither opened nor written since.
    package let idle: Timestamp?
    /// Records of jobs that were done or cancelled before go …
    package let oldestEnded: Timestamp?
    /// … and those of jobs that were buried before.
    package let oldestDead: Timestamp?

    /// Whether the session's last checkpoint may go, if it is old enough itself and the last one left.
    package func mayEmpty(_ session: SessionRecord) -> Bool {
        guard let idle else { return false }
        return session.status == .done && session.updated < idle
    }

    /// Whether a job's record goes.
    package func removes(_ job: JobRecord) -> Bool {
        switch job.status {
        case .done, .cancelled: oldestEnded.map { job.updated < $0 } ?? false
        case .dead: oldestDead.map { job.updated < $0 } ?? false
        case .running: false
        }
    }
}
