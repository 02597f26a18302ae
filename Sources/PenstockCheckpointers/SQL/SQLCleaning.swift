import PenstockModel
import PenstockSQL

/// The statements by which an SQL store finds what is no longer kept, and removes it. They go to a session's checkpoints by
/// their steps and to its jobs by the session, by the indexes that are there.
struct SQLCleaning: Sendable {
    /// After which session, limit, before when jobs were done or cancelled, before when they were buried. The columns of each
    /// session's record, the step and the timestamp of its oldest checkpoint, and 1 if it has such jobs.
    let sessions: SQLTemplate
    /// Session, the two moments, limit. How many such jobs there are, and the greatest of their ids.
    let jobs: SQLTemplate
    /// Session, the two moments, the greatest id.
    let deleteJobs: SQLTemplate
    /// Session. The step of the last checkpoint that is no `__start__` row.
    let lastStep: SQLTemplate
    /// Session, n. The step of the checkpoint that has n after it.
    let stepBefore: SQLTemplate
    /// Session, the first step, the step before which to stop, since when jobs that were done are kept, limit. Step, timestamp, and the
    /// checkpoint's id where it is such a job's result; the oldest first.
    let oldest: SQLTemplate
    /// Session, the first and the last step, since when jobs are kept. How many checkpoints are no such job's result, their bytes, the last
    /// timestamp and step; and how many are.
    let amount: SQLTemplate
    let results: SQLTemplate
    /// Session, the first and the last step, then so many checkpoints that stay: removes the others.
    ///
    /// The jobs, which tell what stays, were read before; to look at them in the DELETE would make MariaDB lock their rows.
    let deleteCheckpoints: @Sendable (_ kept: Int) -> SQLTemplate
    /// Session, epoch, its greatest step, the moment since which nobody must have opened or written it. Shuts the session's writer
    /// out, by the epoch and by a token that nobody has.
    let shutOut: SQLTemplate
    /// Session, the epoch after that, a moment. Removes all checkpoints from before, if the writer was shut out.
    let empty: SQLTemplate

    init(_ tables: SQLTables, in dialect: any SQLDialect) {
        func statement(_ text: String) -> SQLTemplate { SQLTemplate(text, dialect.places) }
        let (checkpoint, session, job) = (tables.checkpoint, tables.session, tables.job)
        let record = SQLTables.of("s", SQLTables.sessionColumns)
        func old(_ ended: String, _ dead: String) -> String {
            "(status IN ('done', 'cancelled') AND updated_at < \(ended) OR status = 'dead' AND updated_at < \(dead))"
        }
        func isResult(since moment: String) -> String {
            """
            EXISTS (SELECT 1 FROM \(job) j WHERE j.id = \(checkpoint).job_id
            AND j.result_checkpoint_id = \(checkpoint).checkpoint_id AND j.updated_at >= \(moment))
            """
        }
        // MariaDB would look for a MIN through all of a session, and so would MySQL, unless the order is all that of the index.
        func ofOldest(_ column: String) -> String {
            "(SELECT \(column) FROM \(checkpoint) WHERE session_id = s.id ORDER BY session_id, step LIMIT 1)"
        }
        sessions = statement(
            """
            SELECT \(record), \(ofOldest("step")), \(ofOldest("timestamp")),
            CASE WHEN EXISTS (SELECT 1 FROM \(job) WHERE session_id = s.id AND \(old("$3", "$4"))) THEN 1 ELSE 0 END
            FROM \(session) s WHERE s.id > $1 ORDER BY s.id LIMIT $2
            """)
        jobs = statement(
            """
            SELECT COUNT(*), MAX(id) FROM (SELECT id FROM \(job) WHERE session_id = $1 AND \(old("$2", "$3"))
            ORDER BY id LIMIT $4) AS page
            """)
        deleteJobs = statement(
            "DELETE FROM \(job) WHERE session_id = $1 AND \(old("$2", "$3")) AND id <= $4")
        lastStep = statement(
            """
            SELECT step FROM \(checkpoint) WHERE session_id = $1 AND node_name <> '__start__'
            ORDER BY step DESC LIMIT 1
            """)
        stepBefore = statement(
            "SELECT step FROM \(checkpoint) WHERE session_id = $1 ORDER BY step DESC LIMIT 1 OFFSET $2")
        oldest = statement(
            """
            SELECT step, timestamp, CASE WHEN \(isResult(since: "$4")) THEN checkpoint_id END FROM \(checkpoint)
            WHERE session_id = $1 AND step >= $2 AND step < $3 ORDER BY step LIMIT $5
            """)
        let range = "session_id = $1 AND step >= $2 AND step <= $3"
        amount = statement(
            """
            SELECT COUNT(*), COALESCE(SUM(\(dialect.stateBytes)), 0), MAX(timestamp), MAX(step) FROM \(checkpoint)
            WHERE \(range) AND NOT \(isResult(since: "$4"))
            """)
        results = statement(
            "SELECT COUNT(*) FROM \(checkpoint) WHERE \(range) AND \(isResult(since: "$4"))")
        let places = dialect.places
        deleteCheckpoints = { kept in
            let staying = kept == 0 ? "" : " AND checkpoint_id NOT IN (\(SQLSaving.places(4...kept + 3)))"
            return SQLTemplate("DELETE FROM \(checkpoint) WHERE \(range)\(staying)", places)
        }
        shutOut = statement(
            """
            UPDATE \(session) SET epoch = epoch + 1, head = \(dialect.greatest("head", "$3")), owner = ''
            WHERE id = $1 AND epoch = $2 AND status = 'done' AND updated_at < $4
            """)
        empty = statement(
            """
            DELETE FROM \(checkpoint) WHERE session_id = $1 AND timestamp < $3
            AND EXISTS (SELECT 1 FROM \(session) WHERE id = $1 AND epoch = $2 AND owner = '')
            """)
    }
}
