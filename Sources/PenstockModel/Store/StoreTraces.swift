/// How a store that stands in the queue's own Redis shows there that it holds nothing of a session and of a job: by keys that are missing.
/// Seen in the step that claims the job, this saves the look at the store that would find the same. Such a store runs the queue's errands
/// too, see ``SaveErrand``.
package struct StoreTraces: Hashable, Sendable {
    /// A key begins so, and ends with the session's id, where there is a record of the session.
    package let record: String
    /// The same where there is a checkpoint of it, llmfy's included.
    package let checkpoints: String
    /// The same with the job's id, where there is a record of the job.
    package let job: String

    package init(record: String, checkpoints: String, job: String) {
        self.record = record
        self.checkpoints = checkpoints
        self.job = job
    }
}
