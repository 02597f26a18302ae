/// The tables of a store by their quoted names.
struct SQLTables: Sendable {
    let checkpoint: String
    let session: String
    let job: String
    let pair: String

    init(prefix: TablePrefix, dialect: any SQLDialect) {
        checkpoint = dialect.quoted("\(prefix)checkpoint")
        session = dialect.quoted("\(prefix)session")
        job = dialect.quoted("\(prefix)job")
        pair = dialect.quoted("\(prefix)pair")
    }

    /// The columns of a checkpoint, in the order in which rows of one have them and ``SQLSave/checkpoint`` gives them.
    static let checkpointColumns =
        "checkpoint_id, session_id, timestamp, node_name, step, state, next, epoch, job_id, run, run_step, metadata"
    /// Where among them the epoch stands, which llmfy's rows have not.
    static let epochOfCheckpoint = 7
    /// The columns of a session's record, in the order in which rows have them and ``SQLSave/record`` gives them for a new one.
    static let sessionColumns = "id, epoch, owner, head, flow, version, status, created_at, updated_at"
    /// Those of them that a new record is given.
    static let newSessionColumns = "id, epoch, owner, head, created_at, updated_at"
    /// Columns of a list like these, of the table that a statement calls `alias`.
    static func of(_ alias: String, _ columns: String) -> String {
        columns.split(separator: ", ").map { "\(alias).\($0)" }.joined(separator: ", ")
    }
    /// The columns of a job's record, in the order in which rows have them and ``SQLSave/job`` gives them.
    static let jobColumns = "id, session_id, " + jobFacts.joined(separator: ", ")
    /// Those of them that change.
    static let jobFacts = [
        "flow", "status", "merged", "result_checkpoint_id", "result_keys", "error", "attempts", "worker",
        "created_at", "updated_at",
    ]
}
