import PenstockSQL

/// SQLite from 3.35 on. Ids are compared byte by byte, as SQLite does with texts unless told otherwise.
struct SQLiteDialect: SQLDialect {
    let places = SQLTemplate.Places.numbers

    func id(_ place: String) -> String { place }
    func quoted(_ name: String) -> String { "\"\(name)\"" }

    func byBytes(_ text: String) -> String { "\(text) COLLATE BINARY" }
    func asText(_ column: String) -> String { "CAST(\(column) AS TEXT)" }

    /// SQLite counts the characters of a text.
    let stateBytes = "LENGTH(CAST(state AS BLOB))"

    func least(_ one: String, _ other: String) -> String { "MIN(\(one), \(other))" }
    func greatest(_ one: String, _ other: String) -> String { "MAX(\(one), \(other))" }

    let orUpdate = "ON CONFLICT (id) DO UPDATE SET"
    let orKeep = "ON CONFLICT (id) DO NOTHING"
    func incoming(_ column: String) -> String { "excluded.\(column)" }
    func returning(_ columns: String) -> String { "RETURNING \(columns)" }

    func saving(_ tables: SQLTables) -> SQLSaving {
        .chained("changes() = 1", from: "", tables, self)
    }

    func columns(of table: String, on connection: any SQLConnection) throws(SQLError) -> Set<String> {
        var names: Set<String> = []
        for row in try connection.query("SELECT name FROM pragma_table_info(?)", [.text(table)]) {
            names.insert(try row.text(at: 0))
        }
        return names
    }

    /// A transaction that writes is alone already.
    func lock(_ prefix: TablePrefix, on connection: any SQLConnection) throws(SQLError) {}
    func unlock(_ prefix: TablePrefix, on connection: any SQLConnection) throws(SQLError) {}

    var schema: SQLSchemaFiles {
        SQLSchemaFiles(
            checkpoint: PackageResources.sqlite_001_checkpoint_sql,
            llmfyIndexes: PackageResources.sqlite_001_llmfy_indexes_sql,
            llmfyColumns: PackageResources.sqlite_001_llmfy_columns_sql,
            sessions: PackageResources.sqlite_001_sessions_sql,
            pair: PackageResources.sqlite_002_pair_sql)
    }
}
