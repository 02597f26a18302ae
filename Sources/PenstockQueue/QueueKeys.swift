package import PenstockModel

/// The names of the queue's keys in Redis.
package struct QueueKeys: Hashable, Sendable {
    /// In front of every key; with a hash tag, such as `{penstock}:`, all stand in one slot of a cluster.
    package let prefix: String

    package static let defaultPrefix = "penstock:"

    package init(prefix: String = QueueKeys.defaultPrefix) {
        self.prefix = prefix
    }

    package var workers: String { prefix + "workers" }
    package var scheduled: String { prefix + "scheduled" }
    package var dead: String { prefix + "dead" }
    package var paused: String { prefix + "paused" }
    package var limits: String { prefix + "limits" }
    package var parkedSessions: String { prefix + "parked" }
    package var cron: String { prefix + "cron" }
    /// What is known of jobs that were enqueued and not claimed yet, other than those whose ids were made for them.
    package var noted: String { prefix + "noted" }

    package func queue(_ queue: QueueName) -> String { prefix + "queue:" + queue.text }
    package func processing(_ worker: WorkerID, _ queue: QueueName) -> String {
        processing(worker.text, queue.text)
    }
    package func processing(_ worker: String, _ queue: String) -> String {
        prefix + "processing:" + worker + ":" + queue
    }
    package func worker(_ worker: String) -> String { prefix + "worker:" + worker }
    package func lock(_ session: String) -> String { prefix + "lock:" + session }
    package func turn(_ session: String) -> String { prefix + "turn:" + session }
    package func parked(_ session: String) -> String { prefix + "parked:" + session }
    package func job(_ id: String) -> String { prefix + "job:" + id }
    package func ended(_ id: String) -> String { prefix + "ended:" + id }
    package var heldFlows: String { prefix + "held" }
    package var heldIn: String { prefix + "held_in" }
    /// The sessions that somebody watches, by the time until which.
    package var watched: String { prefix + "watched" }
    package func events(_ session: String) -> String { prefix + "events:" + session }
    package func held(_ flow: String) -> String { prefix + "held:" + flow }
    package func unique(_ key: String) -> String { prefix + "unique:" + key }
    package func cron(_ name: String) -> String { prefix + "cron:" + name }
    package func dead(_ name: String) -> String { prefix + "dead:" + name }
}
