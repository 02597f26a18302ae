package import PenstockEngine
package import PenstockModel
package import PenstockQueue

/// How a pool works.
package struct PoolSettings: Sendable {
    package var queues: QueueOrder = ["default"]
    /// Jobs that run side by side.
    package var slots = 16
    /// How long a drain lets the running nodes go on before it cancels them.
    package var grace: Duration = .seconds(25)
    /// How long cancelled nodes may take to end, and Redis to answer, before the worker leaves all the same.
    package var haltPatience: Duration = .seconds(4)
    /// Leave once there is nothing left to do now.
    package var isBurst = false
    /// How long a job whose flow or version nobody here knows comes back before it is buried …
    package var unknownFlowPatience: Duration = .seconds(86_400)
    /// … and how long it waits in between.
    package var unknownFlowDelay: Duration = .seconds(5)
    /// A job that brought down this many workers in a row, without a checkpoint in between, is buried.
    package var maxCrashes = 3
    /// What is kept of sessions, unless their flow says otherwise: as many checkpoints as a run may have nodes by default, and for as long as
    /// the dead list keeps a job that goes on from them when it is sent again.
    package var retention = RetentionRule(checkpoints: 1000, age: .seconds(180 * 86_400))
    /// Which sessions' events are told.
    package var events = EventMode.watched
    /// The time of day that checkpoints are dated by.
    package var clock = WallClock.system
    package var cleaning = CleaningSettings()
    /// The cron entries that the worker brings along.
    package var cron: CronFile?
    /// Which store it works on, for people: without what is secret in its address.
    package var store = ""
    package var queue = QueueSettings()
    package var heart = HeartSettings()

    package init() {}
}

extension PoolSettings {
    /// What is kept of the sessions of these flows; others are left alone.
    package func retention(of flows: [FlowRunner]) -> Retention {
        var retention = Retention(endedJobs: queue.recordLife, deadJobs: queue.unendedRecordLife)
        for flow in flows {
            retention.flows[flow.name.text] = flow.settings.retention.rule(over: self.retention)
        }
        return retention
    }
}

/// How a worker cleans the store.
package struct CleaningSettings: Sendable {
    /// From a worker's start to its first pass: what was left unsettled before it is settled first, by its record.
    package var delay: Duration = .seconds(60)
    /// From one pass to the next, whichever worker makes it.
    package var interval: Duration = .seconds(3600)
    /// About how many sessions are looked at in one go.
    package var pageSize = 100
    /// The pause after each page, as many times as long as the page took.
    package var rest = 10

    package init() {}
}

/// How a worker shows that it lives, and judges that another is dead.
package struct HeartSettings: Sendable {
    /// From one beat to the next; a lock outlives two that fail.
    package var beatInterval: Duration = .milliseconds(3300)
    /// From one look at the others to the next.
    package var surveyInterval: Duration = .seconds(1)
    /// The same while a heart has missed a beat.
    package var suspenseInterval: Duration = .milliseconds(250)
    /// A worker whose beat stood still this long, as seen by a judge who was connected all that time, is dead.
    package var deadAfter: Duration = .seconds(10)
    /// A judge who looked away longer than this starts anew.
    package var longestGap: Duration = .seconds(3)
    /// A job is cancelled when its lock has less than this left to live.
    package var lockMargin: Duration = .seconds(3)
    /// Connecting takes no longer, and neither does a call: together less than the margin.
    package var callLimit: Duration = .seconds(1)
    /// Due jobs moved by one look.
    package var maxDue = 200
    /// Claims given back by one script.
    package var maxReaped = 50

    package init() {}
}
