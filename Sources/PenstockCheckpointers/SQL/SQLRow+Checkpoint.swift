import PenstockJSON
import PenstockModel
import PenstockSQL

extension SQLRow {
    /// A row of ``SQLTables/checkpointColumns``.
    func checkpoint() throws(SQLError) -> Checkpoint {
        Checkpoint(
            id: CheckpointID(try text(at: 0)), session: SessionID(unchecked: try text(at: 1)),
            timestamp: try timestamp(at: 2), node: try text(at: 3), step: Int(try integer(at: 4)),
            state: try bytes(at: 5), next: try optionalTexts(at: 6), epoch: try optionalInteger(at: 7),
            job: try optionalText(at: 8).map(JobID.init(unchecked:)),
            run: try optionalText(at: 9).map(JobID.init(unchecked:)),
            runStep: try optionalInteger(at: 10).map { Int($0) }, metadata: try optionalBytes(at: 11))
    }

    func timestamp(at column: Int) throws(SQLError) -> Timestamp {
        let text = try text(at: column)
        guard let timestamp = Timestamp(text) else {
            throw .unreadable(
                reason: "Column \(column) holds '\(text.prefix(40))' where a time was expected.")
        }
        return timestamp
    }

    /// A list of strings, kept as JSON.
    func optionalTexts(at column: Int) throws(SQLError) -> [String]? {
        guard let bytes = try optionalBytes(at: column) else { return nil }
        do {
            let texts = try JSON(parsing: bytes).array?.compactMap(\.string)
            if let texts { return texts }
        } catch {
            throw .unreadable(reason: "Column \(column) holds no JSON: \(error)")
        }
        throw .unreadable(reason: "Column \(column) holds something else than a list of strings.")
    }
}

extension Checkpoint {
    /// The values of ``SQLTables/checkpointColumns``.
    func sqlValues(_ moments: inout SQLMoments) -> [SQLValue] {
        [
            .text(id.text), .text(session.text), moments.value(timestamp), .text(node), .integer(Int64(step)),
            .utf8(state), .texts(next), .optional(epoch), .optional(job?.text), .optional(run?.text),
            .optional(runStep.map { Int64($0) }), .optional(utf8: metadata),
        ]
    }
}

extension SQLValue {
    /// In the text form that SQLAlchemy gives a DATETIME in SQLite, and that the other databases read too.
    static func moment(_ timestamp: Timestamp) -> SQLValue { .text(timestamp.sqliteText) }

    /// A list of strings, kept as JSON.
    static func texts(_ texts: [String]?) -> SQLValue {
        guard let texts else { return .null }
        var bytes: [UInt8] = []
        bytes.append(key: "", texts)
        return .utf8(bytes)
    }
}

/// Writes the moments of one save: mostly it is the same one, in up to four places.
struct SQLMoments {
    private var last: (timestamp: Timestamp, value: SQLValue)?

    mutating func value(_ timestamp: Timestamp) -> SQLValue {
        if let last, last.timestamp == timestamp { return last.value }
        let value = SQLValue.moment(timestamp)
        last = (timestamp, value)
        return value
    }
}
