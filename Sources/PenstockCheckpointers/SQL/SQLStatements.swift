/// The statements of a store, in the words of its database. Each is given its values in the order that is listed.
struct SQLStatements: Sendable {
    // MARK: Opening

    /// Session, job. The columns of the session's record, of each of its checkpoints that has the greatest step, and of the job's
    /// record: a row for each such checkpoint, and one if there is none.
    let look: SQLTemplate
    /// Session, owner, now. Raises the epoch and lifts the head to the greatest stored step; answers with the record
    /// where the database can.
    let open: SQLTemplate
    /// Session. Its record, where ``open`` does not answer with it.
    let opened: SQLTemplate?
    /// Session. The checkpoint with the greatest step that is no `__start__` row.
    let position: SQLTemplate
    /// Session. The last `__start__` row that is not older than the position, which therefore has the greatest step of all.
    let start: SQLTemplate

    // MARK: Saving

    let saving: SQLSaving
    /// Checkpoint, session. One row if it is stored.
    let holdsCheckpoint: SQLTemplate

    // MARK: Reading

    /// Checkpoint, session.
    let checkpoint: SQLTemplate
    /// Session, step, limit. Those of a lesser step, the greatest steps first, those of one step in no order.
    let checkpoints: SQLTemplate
    /// Session, step. There are several only where llmfy has written them.
    let checkpointsOfStep: SQLTemplate
    /// Job.
    let job: SQLTemplate
    /// Session. The columns of its record (NULL where only llmfy has written), how many checkpoints, their bytes, greatest step, first
    /// and last timestamp, metadata of the latest.
    let session: SQLTemplate
    /// Session, limit. As ``session``, for those with a greater id, in order.
    let sessions: SQLTemplate
    /// Sessions, checkpoints, bytes of the states.
    let size: SQLTemplate

    // MARK: Forgetting

    /// Session, now. Raises the epoch and takes the owner's token away; makes a record where there was none.
    let fence: SQLTemplate
    /// Session.
    let forgetFlow: SQLTemplate
    /// Checkpoint, session.
    let deleteCheckpoint: SQLTemplate
    /// Session.
    let deleteCheckpoints: SQLTemplate
    /// Session.
    let deleteJobs: SQLTemplate
    /// Without values, in this order.
    let clear: [SQLTemplate]

    // MARK: Copying

    let replica: SQLReplicaStatements
}

extension SQLStatements {
    /// A step that no session reaches: the column holds 32 bits.
    static let lastStep = Int64(Int32.max)

    init(for prefix: TablePrefix, in dialect: any SQLDialect) {
        func statement(_ text: String) -> SQLTemplate { SQLTemplate(text, dialect.places) }
        let tables = SQLTables(prefix: prefix, dialect: dialect)
        let (checkpointTable, sessionTable, jobTable) = (tables.checkpoint, tables.session, tables.job)
        let select = "SELECT \(SQLTables.checkpointColumns) FROM \(checkpointTable)"

        // The row that is there already is meant by the table's name: a bare column is ambiguous to PostgreSQL.
        func taking(owner: String, now: String) -> String {
            """
            \(Self.insertSession(tables, id: dialect.id("$1"), owner: owner, now: now))
            \(dialect.orUpdate) epoch = \(sessionTable).epoch + 1, owner = \(dialect.incoming("owner")),
            head = \(dialect.greatest("\(sessionTable).head", dialect.incoming("head"))), updated_at = \(now)
            """
        }
        let answer = dialect.returning(SQLTables.sessionColumns)
        open = statement("\(taking(owner: "$2", now: "$3")) \(answer)")
        opened =
            answer.isEmpty
            ? statement("SELECT \(SQLTables.sessionColumns) FROM \(sessionTable) WHERE id = $1") : nil
        look = statement(
            """
            SELECT \(Self.lookColumns) FROM (SELECT 1 AS one) AS one
            LEFT JOIN \(sessionTable) s ON s.id = \(dialect.id("$1"))
            LEFT JOIN \(checkpointTable) c ON c.session_id = \(dialect.id("$1"))
            AND c.step = (\(Self.lastStep(of: dialect.id("$1"), tables)))
            LEFT JOIN \(jobTable) j ON j.id = $2
            """)
        position = statement(Self.position(of: "$1", tables, dialect))
        start = statement(Self.start(of: "$1", tables, dialect))

        // Without the COALESCE, PostgreSQL goes through all of a session as long as it knows nothing of the table.
        let byID = "checkpoint_id = $1 AND COALESCE(session_id, '') = $2"
        saving = dialect.saving(tables)
        holdsCheckpoint = statement(
            "SELECT 1 FROM \(checkpointTable) WHERE \(byID)")

        checkpoint = statement("\(select) WHERE \(byID)")
        checkpoints = statement(
            "\(select) WHERE session_id = $1 AND step < $2 ORDER BY step DESC LIMIT $3")
        checkpointsOfStep = statement("\(select) WHERE session_id = $1 AND step = $2")
        job = statement("SELECT \(SQLTables.jobColumns) FROM \(jobTable) WHERE id = $1")
        let summaries = Self.summaries(tables, stateBytes: dialect.stateBytes)
        session = statement("WITH ids(id) AS (SELECT $1) \(summaries)")
        sessions = statement("WITH RECURSIVE \(Self.idsAfterOne(tables, dialect)) \(summaries)")
        size = statement(
            """
            SELECT (SELECT COUNT(*) FROM (SELECT id FROM \(sessionTable) UNION SELECT session_id FROM \(checkpointTable)) AS ids),
            COUNT(*), COALESCE(SUM(\(dialect.stateBytes)), 0) FROM \(checkpointTable)
            """)

        fence = statement(taking(owner: "''", now: "$2"))
        forgetFlow = statement(
            "UPDATE \(sessionTable) SET flow = NULL, version = NULL, status = NULL WHERE id = $1")
        deleteCheckpoint = statement(
            "DELETE FROM \(checkpointTable) WHERE \(byID)")
        deleteCheckpoints = statement("DELETE FROM \(checkpointTable) WHERE session_id = $1")
        deleteJobs = statement("DELETE FROM \(jobTable) WHERE session_id = $1")
        clear = [checkpointTable, jobTable, sessionTable].map { statement("DELETE FROM \($0)") }
        replica = SQLReplicaStatements(tables, dialect)
    }

    /// Of a session's record, a checkpoint and a job's record.
    static let lookColumns = [
        SQLTables.of("s", SQLTables.sessionColumns), SQLTables.of("c", SQLTables.checkpointColumns),
        SQLTables.of("j", SQLTables.jobColumns),
    ].joined(separator: ", ")

    /// The greatest step of a session. Where that is another's column, MySQL goes by the index only if the order is all that of it.
    static func lastStep(of session: String, _ tables: SQLTables) -> String {
        "SELECT step FROM \(tables.checkpoint) WHERE session_id = \(session) ORDER BY session_id DESC, step DESC LIMIT 1"
    }

    /// The checkpoint of a session with the greatest step that is no `__start__` row.
    static func position(of session: String, _ tables: SQLTables, _ dialect: any SQLDialect) -> String {
        """
        SELECT \(SQLTables.of("c", SQLTables.checkpointColumns))
        FROM \(dialect.lastCheckpoints(tables, of: session, "AND node_name <> '__start__'")) AND c.node_name <> '__start__'
        ORDER BY \(latestFirst) LIMIT 1
        """
    }

    /// The last `__start__` row of a session, if no row has a greater step.
    static func start(of session: String, _ tables: SQLTables, _ dialect: any SQLDialect) -> String {
        """
        SELECT \(SQLTables.of("c", SQLTables.checkpointColumns))
        FROM \(dialect.lastCheckpoints(tables, of: session, "")) AND c.node_name = '__start__'
        ORDER BY \(latestFirst) LIMIT 1
        """
    }

    /// The order of a session's checkpoints `c` of one step, the last one first. The COALESCE keeps SQLite from going by llmfy's index of
    /// timestamps, through all of a session.
    static let latestFirst = "COALESCE(c.timestamp, c.timestamp) DESC, c.checkpoint_id DESC"

    /// A record with epoch 1. What llmfy wrote in the session before gives its head and its times.
    private static func insertSession(_ tables: SQLTables, id: String, owner: String, now: String) -> String {
        """
        INSERT INTO \(tables.session) (\(SQLTables.newSessionColumns))
        VALUES (\(newSession(tables, id: id, owner: owner, now: now)))
        """
    }

    /// The values of ``SQLTables/newSessionColumns``.
    static func newSession(_ tables: SQLTables, id: String, owner: String, now: String) -> String {
        func fromCheckpoints(_ column: String, _ order: String, else absent: String) -> String {
            """
            COALESCE((SELECT \(column) FROM \(tables.checkpoint) WHERE session_id = \(id)
            ORDER BY step \(order) LIMIT 1), \(absent))
            """
        }
        return """
            \(id), 1, \(owner), \(fromCheckpoints("step", "DESC", else: "0")),
            \(fromCheckpoints("timestamp", "ASC", else: now)), \(now)
            """
    }

    /// The ids of sessions after one, found one by one: going through the index of all checkpoints would grow with
    /// their number.
    private static func idsAfterOne(_ tables: SQLTables, _ dialect: any SQLDialect) -> String {
        func next(after id: String) -> String {
            let opened = "(SELECT MIN(id) FROM \(tables.session) WHERE id > \(id))"
            let written = "(SELECT MIN(session_id) FROM \(tables.checkpoint) WHERE session_id > \(id))"
            return dialect.least("COALESCE(\(opened), \(written))", "COALESCE(\(written), \(opened))")
        }
        return """
            ids(id, place) AS (
                SELECT \(next(after: "$1")), 1
                UNION ALL SELECT \(next(after: "ids.id")), ids.place + 1 FROM ids WHERE ids.id IS NOT NULL AND ids.place < $2
            )
            """
    }

    private static func summaries(_ tables: SQLTables, stateBytes: String) -> String {
        let record = SQLTables.sessionColumns.split(separator: ", ").dropFirst().map { "s.\($0)" }
            .joined(separator: ", ")
        return """
            SELECT ids.id, \(record), COUNT(c.checkpoint_id), COALESCE(SUM(\(stateBytes)), 0), MAX(c.step),
            MIN(c.timestamp), MAX(c.timestamp),
            (SELECT metadata FROM \(tables.checkpoint) m WHERE m.session_id = ids.id
            ORDER BY m.step DESC, m.checkpoint_id DESC LIMIT 1)
            FROM ids LEFT JOIN \(tables.session) s ON s.id = ids.id LEFT JOIN \(tables.checkpoint) c ON c.session_id = ids.id
            WHERE ids.id IS NOT NULL GROUP BY ids.id, \(record) ORDER BY ids.id
            """
    }
}
