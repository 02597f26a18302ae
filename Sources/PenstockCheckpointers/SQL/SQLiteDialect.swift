import PenstockSQL

/// SQLite from 3.35 on. Its tables are shared with llmfy where the prefix is llmfy's.
struct SQLiteDialect: SQLDialect {
    let statements: SQLStatements
    private let schema: SQLiteSchema

    init(prefix: TablePrefix) {
        statements = SQLStatements(sqlite: prefix)
        schema = SQLiteSchema(prefix: prefix)
    }

    func schemaVersion(on connection: any SQLConnection) throws(SQLError) -> Int {
        try schema.version(on: connection)
    }

    func isCurrent(on connection: any SQLConnection) throws(SQLError) -> Bool {
        try schema.isCurrent(on: connection)
    }

    func migrate(on connection: any SQLConnection, at now: SQLValue) throws(SQLError) {
        try schema.migrate(on: connection, at: now)
    }
}
