import PenstockModel

/// The names of the keys of one store. A prefix with a hash tag in it, such as `{penstock}:`, puts all of them into one slot of
/// a cluster.
struct RedisKeys: Sendable {
    let prefix: String
    /// Before a checkpoint's id: one JSON object.
    let checkpoints: String
    /// Before a session's id: its checkpoints' ids, by time. llmfy's word for it; this and ``checkpoints`` are shared with it.
    let sessions: String
    /// Before a session's id: what else is kept of it.
    let heads: String
    /// Before a job's id: its record.
    let results: String
    /// Before a session's id: the ids of its jobs.
    let jobs: String

    init(prefix: String) {
        self.prefix = prefix
        checkpoints = prefix + "checkpoint:"
        sessions = prefix + "session:"
        heads = prefix + "head:"
        results = prefix + "result:"
        jobs = prefix + "jobs:"
    }

    /// What is noted of the replicated pair that this store is one of.
    func pair(_ note: PairNote) -> String { prefix + (note == .standing ? "pair" : "pair_place") }
    func checkpoint(_ id: CheckpointID) -> String { checkpoints + id.text }
    func session(_ session: SessionID) -> String { sessions + session.text }
    func head(_ session: SessionID) -> String { heads + session.text }
    func jobs(_ session: SessionID) -> String { jobs + session.text }
    func result(_ job: JobID) -> String { results + job.text }
}
