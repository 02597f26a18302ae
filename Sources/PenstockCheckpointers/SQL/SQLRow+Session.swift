import PenstockModel
import PenstockSQL

extension SQLRow {
    /// A row of ``SQLTables/sessionColumns``.
    func sessionRecord() throws(SQLError) -> SessionRecord {
        SessionRecord(
            id: SessionID(unchecked: try text(at: 0)), epoch: try integer(at: 1), owner: try text(at: 2),
            head: Int(try integer(at: 3)), flow: try optionalText(at: 4),
            version: try optionalInteger(at: 5).map { Int($0) }, status: try sessionStatus(at: 6),
            created: try timestamp(at: 7), updated: try timestamp(at: 8))
    }

    /// A row of ``SQLStatements/session``; `nil` for a session of which nothing is kept.
    func sessionSummary() throws(SQLError) -> SessionSummary? {
        let checkpoints = Int(try integer(at: 9))
        var record: SessionRecord
        if try !isNull(at: 1) {
            record = try sessionRecord()
            if checkpoints > 0 {
                // llmfy writes checkpoints after ours, and knows no row of the session.
                record.head = max(record.head, Int(try integer(at: 11)))
                record.updated = max(record.updated, try timestamp(at: 13))
            }
        } else if checkpoints > 0 {
            record = try llmfyRecord()
        } else {
            return nil
        }
        return SessionSummary(
            record: record, checkpoints: checkpoints, bytes: Int(try integer(at: 10)),
            metadata: try optionalBytes(at: 14))
    }

    /// What there is to know of a session that only llmfy has written.
    private func llmfyRecord() throws(SQLError) -> SessionRecord {
        SessionRecord(
            id: SessionID(unchecked: try text(at: 0)), epoch: 0, owner: "", head: Int(try integer(at: 11)),
            created: try timestamp(at: 12), updated: try timestamp(at: 13))
    }

    private func sessionStatus(at column: Int) throws(SQLError) -> SessionStatus? {
        guard let text = try optionalText(at: column) else { return nil }
        guard let status = SessionStatus(rawValue: text) else {
            throw .unreadable(reason: "'\(text.prefix(40))' is no status of a session.")
        }
        return status
    }
}
