import PenstockSQL

/// MariaDB from 10.5 and MySQL from 8.0.19 on, at READ COMMITTED, counting the rows that an UPDATE found. Ids have the
/// collation `utf8mb4_bin`, which orders by bytes.
struct MySQLDialect: SQLDialect {
    let places = SQLTemplate.Places.marks
    let isMariaDB: Bool

    init(isMariaDB: Bool) { self.isMariaDB = isMariaDB }

    /// - Throws: ``SQLError/refused(reason:)`` if the server is too old.
    init(for server: SQLDescription) throws(SQLError) {
        isMariaDB = server.product == "MariaDB"
        let least = isMariaDB ? [10, 5] : [8, 0, 19]
        let version = server.version.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap {
            Int($0)
        }
        guard !version.lexicographicallyPrecedes(least) else {
            throw .refused(
                reason: "MySQL 8.0.19 or MariaDB 10.5, or later, is needed; at \(server.location) is "
                    + "\(server.product) \(server.version).")
        }
    }

    func language(_ statements: SQLStatements, _ tables: SQLTables) -> any SQLGroupLanguage {
        MySQLGroups(tables, self, alone: SQLFence(statements))
    }

    func id(_ place: String) -> String { place }
    func quoted(_ name: String) -> String { "`\(name)`" }

    func byBytes(_ text: String) -> String { "BINARY \(text)" }
    func asText(_ column: String) -> String { "CAST(\(column) AS CHAR)" }

    let stateBytes = "LENGTH(state)"

    func least(_ one: String, _ other: String) -> String { "LEAST(\(one), \(other))" }
    func greatest(_ one: String, _ other: String) -> String { "GREATEST(\(one), \(other))" }

    /// A step that is compared with a subquery, MariaDB 11 compares with all of the session's, if it is to sort what it finds.
    func lastCheckpoints(_ tables: SQLTables, of session: String, _ condition: String) -> String {
        """
        (SELECT session_id, step FROM \(tables.checkpoint) WHERE session_id = \(session) \(condition) ORDER BY step DESC LIMIT 1) AS last
        JOIN \(tables.checkpoint) c ON c.session_id = last.session_id AND c.step = last.step
        """
    }

    let orUpdate = "ON DUPLICATE KEY UPDATE"
    let orKeep = "ON DUPLICATE KEY UPDATE id = id"
    /// The INSERT that keeps a row by changing nothing in it counts it too.
    func insertIfAbsent(into table: String, _ columns: String, from rows: String) -> String {
        "INSERT IGNORE INTO \(table) (\(columns)) \(rows)"
    }
    func incoming(_ column: String) -> String { "VALUES(\(column))" }
    /// MySQL has no such thing.
    func returning(_ columns: String) -> String { "" }

    func saving(_ tables: SQLTables) -> SQLSaving {
        .chained(
            "ROW_COUNT() <> 0", id: "IF(ROW_COUNT() < 0, NULL, $1)", from: "FROM DUAL", tables, self)
    }

    func columns(of table: String, on connection: any SQLConnection) throws(SQLError) -> Set<String> {
        var names: Set<String> = []
        let sql =
            """
            SELECT CAST(column_name AS CHAR) FROM information_schema.columns
            WHERE table_schema = DATABASE() AND table_name = ?
            """
        for row in try connection.query(sql, [.text(table)]) { names.insert(try row.text(at: 0)) }
        return names
    }

    /// Schema statements commit, so the lock is the connection's and not the transaction's.
    func lock(_ prefix: TablePrefix, on connection: any SQLConnection) throws(SQLError) {
        let rows = try connection.query(
            "SELECT GET_LOCK(CONCAT(LEFT(DATABASE(), 14), '.', ?), 8)", [.text("\(prefix)migration")])
        guard try rows.first?.optionalInteger(at: 0) == 1 else {
            throw .contention(reason: "Another process is making the tables of this store.")
        }
    }

    /// What was noted of the migrations has to be there for whoever is let in next.
    func unlock(_ prefix: TablePrefix, on connection: any SQLConnection) throws(SQLError) {
        try connection.script("COMMIT")
        _ = try connection.query(
            "SELECT RELEASE_LOCK(CONCAT(LEFT(DATABASE(), 14), '.', ?))", [.text("\(prefix)migration")])
    }

    var schema: SQLSchemaFiles {
        SQLSchemaFiles(
            checkpoint: PackageResources.mysql_001_checkpoint_sql,
            llmfyIndexes: PackageResources.mysql_001_llmfy_indexes_sql,
            llmfyColumns: PackageResources.mysql_001_llmfy_columns_sql,
            sessions: PackageResources.mysql_001_sessions_sql,
            pair: PackageResources.mysql_002_pair_sql)
    }
}
