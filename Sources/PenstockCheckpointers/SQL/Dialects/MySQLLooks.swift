import PenstockModel
import PenstockSQL

/// Looks at many sessions at once, in one statement: the server plans it once, not for each session.
struct MySQLLooks: Sendable {
    private let text: @Sendable (_ given: String) -> String

    init(_ tables: SQLTables) {
        // The LIMIT makes the server find the steps first, one look into the index for each, and then go by them.
        text = { given in
            """
            SELECT last.place, \(SQLStatements.lookColumns) FROM (
                SELECT place, id, job, (\(SQLStatements.lastStep(of: "given.id", tables))) AS step
                FROM (\(given)) AS given LIMIT \(MySQLOpenings.most)
            ) AS last
            LEFT JOIN \(tables.session) s ON s.id = last.id
            LEFT JOIN \(tables.checkpoint) c ON c.session_id = last.id AND c.step = last.step
            LEFT JOIN \(tables.job) j ON j.id = last.job
            """
        }
    }

    /// The last look is repeated, as the last value of a list is.
    func command(for looks: [SQLLook]) -> SQLCommand {
        let length = SQLList.length(for: looks.count)
        let id = "CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin"
        let given = (0..<length).map { place in
            place == 0 ? "SELECT 0 AS place, \(id) AS id, \(id) AS job" : "SELECT \(place), ?, ?"
        }
        let values = (0..<length).flatMap { place -> [SQLValue] in
            let look = looks[min(place, looks.count - 1)]
            return [.text(look.session.text), .text(look.job.text)]
        }
        return SQLCommand(
            text(given.joined(separator: " UNION ALL ")), rows: values, width: values.count)
    }

    func outcomes(of looks: [SQLLook], by answer: SQLAnswer) throws(SQLError) -> [SQLOutcome] {
        var rows = [[SQLRow]](repeating: [], count: looks.count)
        for row in answer.rows {
            let place = Int(try row.integer(at: 0))
            if rows.indices.contains(place) { rows[place].append(row) }
        }
        var outcomes: [SQLOutcome] = []
        for (look, rows) in zip(looks, rows) { outcomes.append(.seen(try look.session(in: rows, from: 1))) }
        return outcomes
    }
}
