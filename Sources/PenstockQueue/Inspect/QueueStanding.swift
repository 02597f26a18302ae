/// How a queue stands.
package struct QueueStanding: Sendable {
    package let name: String
    /// Jobs that wait in it.
    package let waiting: Int
    /// Jobs that workers have claimed from it.
    package let processing: Int
    /// Workers that serve it.
    package let workers: Int
    /// Whether no job is to be claimed from it.
    package let isPaused: Bool
    package let limits: JobLimits
}

/// What does not stand in any queue, and is not claimed either.
package struct JobsOutsideQueues: Sendable {
    /// Jobs in their sessions' lines, and how many sessions have any.
    package let parked: Int
    package let parkedSessions: Int
    /// Jobs that wait for a place of their flow.
    package let held: Int
    /// Jobs that wait for a time.
    package let scheduled: Int
    package let dead: Int
}
