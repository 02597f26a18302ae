package import PenstockModel

/// When the checkpoint of a node is saved.
public enum Durability: String, Hashable, Sendable, CaseIterable {
    /// Before the next node starts: at most the node that runs is repeated after a crash.
    case sync
    /// While the next node runs: at most that one and the one before it are repeated.
    case async
    /// At the end, at a drain, and when an attempt fails: after a crash the run is repeated from the last of
    /// these. The steps of the nodes in between are counted, but have no checkpoint.
    case exit
}

/// How a flow is run.
package struct FlowSettings: Hashable, Sendable {
    /// The most nodes of one run.
    package var maxSteps = 1000
    /// The most bytes of the state as JSON. The stores take more (PostgreSQL and SQLite 1 GB, Redis 512 MB, MySQL a packet), but a
    /// checkpoint is saved after every node: what is larger belongs into a store of objects, and its address into the state.
    package var maxStateBytes = 16 << 20
    package var durability = Durability.sync
    /// The keys of the state that make up a job's result; all of them for `nil`.
    package var resultKeys: [String]?
    /// Whether a new job on a session that stopped in the middle starts over.
    package var restart = false
    /// How often a job is attempted where its message does not say, and the waits in between.
    package var attempts = RetryPolicy.exponential(
        maxAttempts: 5, firstDelay: .seconds(1), maxDelay: .seconds(300))

    /// What of its sessions is kept, where that differs from the worker's settings.
    package var retention = FlowRetention()

    package init() {}
}

/// What a flow says of the checkpoints that are kept: `nil` is as the worker's settings say, 0 is all of them.
package struct FlowRetention: Hashable, Sendable {
    /// The last so many of a session.
    package var checkpoints: Int?
    /// Those that are younger.
    package var age: Duration?

    package init(checkpoints: Int? = nil, age: Duration? = nil) {
        self.checkpoints = checkpoints
        self.age = age
    }

    /// The flow's rule, where the settings have this one.
    package func rule(over standard: RetentionRule) -> RetentionRule {
        RetentionRule(
            checkpoints: checkpoints.map { $0 == 0 ? nil : $0 } ?? standard.checkpoints,
            age: age.map { $0 == .zero ? nil : $0 } ?? standard.age)
    }
}
