/// The tables of a store by their quoted names, and what several statements have in common.
struct SQLiteTables {
    let checkpoint: String
    let session: String
    let job: String

    init(prefix: TablePrefix) {
        checkpoint = "\"\(prefix)checkpoint\""
        session = "\"\(prefix)session\""
        job = "\"\(prefix)job\""
    }

    static let newestFirst =
        "step DESC, node_name = '__start__' DESC, timestamp DESC, checkpoint_id DESC"

    /// SQLite counts the characters of a text.
    static let stateBytes = "LENGTH(CAST(state AS BLOB))"

    /// A record with epoch 1 for session ?1. What llmfy wrote there before gives its head and its times.
    func insertSession(owner: String, now: String) -> String {
        func fromCheckpoints(_ column: String, _ order: String, else absent: String) -> String {
            "COALESCE((SELECT \(column) FROM \(checkpoint) WHERE session_id = ?1 ORDER BY step \(order) LIMIT 1), \(absent))"
        }
        return """
            INSERT INTO \(session) (id, epoch, owner, head, created_at, updated_at) VALUES (?1, 1, \(owner),
            \(fromCheckpoints("step", "DESC", else: "0")),
            \(fromCheckpoints("timestamp", "ASC", else: now)),
            \(fromCheckpoints("timestamp", "DESC", else: now)))
            """
    }

    /// The ids of sessions after one, found one by one: going through the index of all checkpoints would grow with
    /// their number.
    var idsAfterOne: String {
        """
        ids(id) AS (
            SELECT \(nextID(after: "?1"))
            UNION ALL SELECT \(nextID(after: "ids.id")) FROM ids WHERE ids.id IS NOT NULL LIMIT ?2
        )
        """
    }

    private func nextID(after id: String) -> String {
        """
        (SELECT MIN(candidate) FROM (
            SELECT MIN(id) AS candidate FROM \(session) WHERE id > \(id)
            UNION ALL SELECT MIN(session_id) FROM \(checkpoint) WHERE session_id > \(id)
        ))
        """
    }

    var summaries: String {
        """
        SELECT ids.id, s.epoch, s.owner, s.head, s.flow, s.version, s.status, s.created_at, s.updated_at,
        COUNT(c.checkpoint_id), COALESCE(SUM(\(Self.stateBytes)), 0), MAX(c.step), MIN(c.timestamp), MAX(c.timestamp),
        (SELECT metadata FROM \(checkpoint) WHERE session_id = ids.id ORDER BY \(Self.newestFirst) LIMIT 1)
        FROM ids LEFT JOIN \(session) s ON s.id = ids.id LEFT JOIN \(checkpoint) c ON c.session_id = ids.id
        WHERE ids.id IS NOT NULL GROUP BY ids.id ORDER BY ids.id
        """
    }
}
