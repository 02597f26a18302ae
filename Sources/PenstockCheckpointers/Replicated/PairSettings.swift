/// How a replicated pair behaves.
package struct PairSettings: Hashable, Sendable {
    /// How often both stores are asked whether they are there.
    package var healthInterval: Duration
    /// How long the primary has to have answered again before it is joined and made active again.
    package var failbackDelay: Duration
    /// Whether the standby takes over by itself when the active store is away.
    package var failsOver: Bool

    package init(
        healthInterval: Duration = .seconds(5), failbackDelay: Duration = .seconds(300),
        failsOver: Bool = true
    ) {
        self.healthInterval = healthInterval
        self.failbackDelay = failbackDelay
        self.failsOver = failsOver
    }
}
