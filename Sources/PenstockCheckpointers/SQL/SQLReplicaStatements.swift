/// The statements by which sessions are copied, in the words of a database. Each is given its values in the order that is listed.
struct SQLReplicaStatements: Sendable {
    /// Session. Its record, if it has one.
    let record: SQLTemplate
    /// Session. The id of the checkpoint with the greatest step.
    let latest: SQLTemplate
    /// Session. Ids and steps, oldest first.
    let marks: SQLTemplate
    /// Session, job, limit. Records of the jobs with greater ids, in order.
    let jobs: SQLTemplate

    /// Session, now. Makes a row with the epoch -1, which no other has, unless there is one already.
    let addSession: SQLTemplate
    /// The values of ``SQLTables/sessionColumns``, then the epoch, owner and head that the row must have.
    let replaceSession: SQLTemplate
    /// The values of ``SQLTables/checkpointColumns``.
    let addCheckpoint: SQLTemplate
    /// The values of ``SQLTables/jobColumns``; replaces the row that is there.
    let putJob: SQLTemplate
    /// Job, session.
    let removeJob: SQLTemplate

    /// A note's number. What is noted of the pair there.
    let noted: SQLTemplate
    /// The same. Makes an empty row, unless there is one already.
    let addNote: SQLTemplate
    /// What to note, the note's number, and what the row must have.
    let replaceNote: SQLTemplate

    init(_ tables: SQLTables, _ dialect: any SQLDialect) {
        func statement(_ text: String) -> SQLTemplate { SQLTemplate(text, dialect.places) }
        let (checkpoint, session, job, pair) = (tables.checkpoint, tables.session, tables.job, tables.pair)
        record = statement("SELECT \(SQLTables.sessionColumns) FROM \(session) WHERE id = $1")
        latest = statement(
            """
            SELECT c.checkpoint_id FROM \(dialect.lastCheckpoints(tables, of: "$1", ""))
            ORDER BY \(SQLStatements.latestFirst) LIMIT 1
            """)
        marks = statement(
            """
            SELECT checkpoint_id, step FROM \(checkpoint) WHERE session_id = $1
            ORDER BY step, timestamp, checkpoint_id
            """)
        jobs = statement(
            """
            SELECT \(SQLTables.jobColumns) FROM \(job) WHERE session_id = $1 AND id > $2 ORDER BY id LIMIT $3
            """)

        addSession = statement(
            """
            INSERT INTO \(session) (id, epoch, owner, head, created_at, updated_at) VALUES ($1, -1, '', 0, $2, $2)
            \(dialect.orKeep)
            """)
        let columns = SQLTables.sessionColumns.split(separator: ", ").enumerated().dropFirst()
        replaceSession = statement(
            """
            UPDATE \(session) SET \(columns.map { "\($0.element) = $\($0.offset + 1)" }.joined(separator: ", "))
            WHERE id = $1 AND epoch = $10 AND owner = $11 AND head = $12
            """)
        addCheckpoint = statement(
            "INSERT INTO \(checkpoint) (\(SQLTables.checkpointColumns)) VALUES (\(SQLSaving.places(1...12)))")
        putJob = statement(
            """
            INSERT INTO \(job) (\(SQLTables.jobColumns)) VALUES (\(SQLSaving.places(1...12)))
            \(dialect.orUpdate) \(SQLSaving.takingOver(["session_id"] + SQLTables.jobFacts, dialect))
            """)
        removeJob = statement("DELETE FROM \(job) WHERE id = $1 AND session_id = $2")

        noted = statement("SELECT standing FROM \(pair) WHERE id = $1")
        addNote = statement("INSERT INTO \(pair) (id, standing) VALUES ($1, '') \(dialect.orKeep)")
        replaceNote = statement("UPDATE \(pair) SET standing = $1 WHERE id = $2 AND standing = $3")
    }
}
