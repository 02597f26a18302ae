extension SQLStatements {
    /// SQLite's words. Ids are compared byte by byte, as SQLite does with texts unless told otherwise.
    init(sqlite prefix: TablePrefix) {
        let tables = SQLiteTables(prefix: prefix)
        let checkpointTable = tables.checkpoint
        let sessionTable = tables.session
        let jobTable = tables.job
        let select = "SELECT \(Self.checkpointColumns) FROM \(checkpointTable)"
        let newestFirst = SQLiteTables.newestFirst

        open =
            """
            \(tables.insertSession(owner: "?2", now: "?3"))
            ON CONFLICT (id) DO UPDATE
            SET epoch = epoch + 1, owner = excluded.owner, head = MAX(head, excluded.head)
            RETURNING \(Self.sessionColumns)
            """
        position =
            """
            \(select) WHERE session_id = ? AND node_name <> '__start__'
            ORDER BY step DESC, timestamp DESC, checkpoint_id DESC LIMIT 1
            """
        start =
            """
            \(select) WHERE session_id = ? AND step >= ? AND node_name = '__start__'
            ORDER BY step DESC, timestamp DESC, checkpoint_id DESC LIMIT 1
            """

        advance =
            """
            UPDATE \(sessionTable) SET head = ?, flow = ?, version = ?, status = ?, updated_at = ?
            WHERE id = ? AND epoch = ? AND owner = ? AND head = ?
            """
        insertCheckpoint =
            "INSERT INTO \(checkpointTable) (\(Self.checkpointColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        holdsCheckpoint = "SELECT 1 FROM \(checkpointTable) WHERE checkpoint_id = ? AND session_id = ?"
        updateJob =
            """
            UPDATE \(jobTable) SET flow = ?, status = ?, merged = ?, result_checkpoint_id = ?, result_keys = ?, error = ?,
            attempts = ?, worker = ?, created_at = ?, updated_at = ? WHERE id = ? AND session_id = ?
            """
        insertJob =
            "INSERT OR REPLACE INTO \(jobTable) (\(Self.jobColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

        latest = "\(select) WHERE session_id = ? ORDER BY \(newestFirst) LIMIT 1"
        self.checkpoint = "\(select) WHERE checkpoint_id = ? AND session_id = ?"
        checkpoints = "\(select) WHERE session_id = ? AND step < ? ORDER BY \(newestFirst) LIMIT ?"
        job = "SELECT \(Self.jobColumns) FROM \(jobTable) WHERE id = ?"
        session = "WITH ids(id) AS (SELECT ?) \(tables.summaries)"
        sessions = "WITH RECURSIVE \(tables.idsAfterOne) \(tables.summaries)"
        size =
            """
            SELECT (SELECT COUNT(*) FROM (SELECT id FROM \(sessionTable) UNION SELECT session_id FROM \(checkpointTable))),
            COUNT(*), COALESCE(SUM(\(SQLiteTables.stateBytes)), 0) FROM \(checkpointTable)
            """

        fence =
            """
            \(tables.insertSession(owner: "''", now: "?2"))
            ON CONFLICT (id) DO UPDATE SET epoch = epoch + 1, owner = excluded.owner,
            head = MAX(head, excluded.head), updated_at = ?2
            """
        forgetFlow = "UPDATE \(sessionTable) SET flow = NULL, version = NULL, status = NULL WHERE id = ?"
        deleteCheckpoint = "DELETE FROM \(checkpointTable) WHERE checkpoint_id = ? AND session_id = ?"
        deleteCheckpoints = "DELETE FROM \(checkpointTable) WHERE session_id = ?"
        deleteJobs = "DELETE FROM \(jobTable) WHERE session_id = ?"
        clear = ["DELETE FROM \(checkpointTable)", "DELETE FROM \(jobTable)", "DELETE FROM \(sessionTable)"]
    }
}
