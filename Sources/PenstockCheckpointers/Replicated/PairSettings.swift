/// How a replicated pair behaves.
package struct PairSettings: Hashable, Sendable {
    /// When a write is acknowledged.
    package enum Replication: String, Hashable, Sendable, CaseIterable {
        /// When both stores have it.
        case sync
        /// When the active store has it; the other one follows.
        case async
    }

    package var replication: Replication
    /// How often both stores are asked whether they are there.
    package var healthInterval: Duration
    /// How long the primary has to have answered again before it is joined and made active again.
    package var failbackDelay: Duration
    /// Whether the standby takes over by itself when the active store is away.
    package var failsOver: Bool
    /// Whether it does so although it only follows, and so may lack what was acknowledged.
    package var mayLose: Bool
    package var following = FollowingLimits()

    package init(
        replication: Replication = .sync, healthInterval: Duration = .seconds(5),
        failbackDelay: Duration = .seconds(300), failsOver: Bool = true, mayLose: Bool = false
    ) {
        self.replication = replication
        self.healthInterval = healthInterval
        self.failbackDelay = failbackDelay
        self.failsOver = failsOver
        self.mayLose = mayLose
    }
}

/// How far a standby that follows may fall behind one worker.
package struct FollowingLimits: Hashable, Sendable {
    /// How many writes wait at most; beyond it a writer waits for room.
    package var writes = 1_000
    /// The bytes of their states, at most; a single write may have more.
    package var bytes = 64 << 20
    /// How long a writer waits for room before it is told that the store is unavailable.
    package var patience: Duration = .seconds(10)
    /// How long a write may wait before the log says that the standby is behind.
    package var lag: Duration = .seconds(30)
    /// How long a worker that is closed goes on copying.
    package var closing: Duration = .seconds(10)
    /// How often a worker looks for what another one that died had not copied.
    package var comparison: Duration = .seconds(600)

    package init() {}
}

extension PairStanding {
    /// What the stores have agreed on; `nil` while the standby is away or joining.
    var replication: PairSettings.Replication? {
        switch standby {
        case .complete: .sync
        case .following: .async
        case .joining, .alone: nil
        }
    }
}
