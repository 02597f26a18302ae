/// The statements of the store in the words of one database. Each is given its values in the order that is listed.
struct SQLStatements: Sendable {
    /// The columns of a checkpoint, in the order in which rows of one have them and ``insertCheckpoint`` is given them.
    static let checkpointColumns =
        "checkpoint_id, session_id, timestamp, node_name, step, state, next, epoch, job_id, run, run_step, metadata"
    /// The columns of a session's record, in the order in which rows have them.
    static let sessionColumns = "id, epoch, owner, head, flow, version, status, created_at, updated_at"
    /// The columns of a job's record, in the order in which rows have them and both statements that write one are given them.
    static let jobColumns =
        "flow, status, merged, result_checkpoint_id, result_keys, error, attempts, worker, created_at, updated_at, "
        + "id, session_id"

    // MARK: Opening

    /// Session, owner, now. Raises the epoch and lifts the head to the greatest stored step; answers with the record.
    var open: String
    /// Session. The checkpoint with the greatest step that is no `__start__` row.
    var position: String
    /// Session, step. The last `__start__` row of at least that step.
    var start: String

    // MARK: Saving

    /// Head, flow, version, status, now; session, epoch, owner, the head that was seen. Changes the row or none.
    var advance: String
    /// The columns of a checkpoint.
    var insertCheckpoint: String
    /// Checkpoint, session. One row if it is stored.
    var holdsCheckpoint: String
    /// The columns of a job, by whose last two it is found: changes the row of that job in that session, or none.
    var updateJob: String
    /// The columns of a job. Takes the place of a record with the same id.
    var insertJob: String

    // MARK: Reading

    /// Session. The latest checkpoint; of rows with equal steps, which llmfy writes, `__start__` is the later one.
    var latest: String
    /// Checkpoint, session.
    var checkpoint: String
    /// Session, step, limit. Those of a lesser step, newest first.
    var checkpoints: String
    /// Job.
    var job: String
    /// Session. The columns of its record (NULL where only llmfy has written), how many checkpoints, their bytes, greatest step, first
    /// and last timestamp, metadata of the latest.
    var session: String
    /// Session, limit. As ``session``, for those with a greater id, in order.
    var sessions: String
    /// Sessions, checkpoints, bytes of the states.
    var size: String

    // MARK: Forgetting

    /// Session, now. Raises the epoch and takes the owner's token away; makes a record where there was none.
    var fence: String
    /// Session.
    var forgetFlow: String
    /// Checkpoint, session.
    var deleteCheckpoint: String
    /// Session.
    var deleteCheckpoints: String
    /// Session.
    var deleteJobs: String
    /// Without values, in this order.
    var clear: [String]
}
