import PenstockSQL

/// PostgreSQL from 12 on, at READ COMMITTED. Ids have the collation "C", which orders by bytes.
struct PostgresDialect: SQLDialect {
    let places = SQLTemplate.Places.dollars

    /// Every statement of ours goes by an index, and its plan is kept: one that was made while a table was small must do when it has
    /// grown.
    static let settings = [
        "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off",
    ]

    /// PostgreSQL deduces a type at each place, and wants them to be one.
    func id(_ place: String) -> String { "\(place)::varchar" }

    func quoted(_ name: String) -> String { "\"\(name)\"" }

    func byBytes(_ text: String) -> String { "\(text) COLLATE \"C\"" }
    func asText(_ column: String) -> String { "CAST(\(column) AS TEXT)" }

    let stateBytes = "OCTET_LENGTH(state)"

    func least(_ one: String, _ other: String) -> String { "LEAST(\(one), \(other))" }
    func greatest(_ one: String, _ other: String) -> String { "GREATEST(\(one), \(other))" }

    let orUpdate = "ON CONFLICT (id) DO UPDATE SET"
    let orKeep = "ON CONFLICT (id) DO NOTHING"
    func incoming(_ column: String) -> String { "excluded.\(column)" }
    func returning(_ columns: String) -> String { "RETURNING \(columns)" }

    /// All in one statement. A plain compare and an insert after it would not do: at READ COMMITTED a zombie's open transaction
    /// becomes visible after its successor has opened. The UPDATE waits for the row, and compares what it finds then.
    func saving(_ tables: SQLTables) -> SQLSaving {
        let advance = "advanced AS (\(SQLSaving.advance(tables)) RETURNING 1)"
        let create = "advanced AS (\(SQLSaving.create(tables, self)) RETURNING 1)"
        func checkpoint(from first: Int) -> String {
            """
            added AS (INSERT INTO \(tables.checkpoint) (\(SQLTables.checkpointColumns))
            SELECT \(Self.typed(Self.checkpointTypes, from: first)) FROM advanced)
            """
        }
        func job(from first: Int) -> String {
            """
            noted AS (INSERT INTO \(tables.job) (\(SQLTables.jobColumns))
            SELECT \(Self.typed(Self.jobTypes, from: first)) FROM advanced
            \(orUpdate) \(SQLSaving.takingOver(SQLTables.jobFacts, self)))
            """
        }
        func statement(_ parts: String...) -> SQLTemplate {
            SQLTemplate("WITH \(parts.joined(separator: ", ")) SELECT 1 FROM advanced", places)
        }
        /// For each of what a save may hold, behind a statement on the session's row that has so many values.
        func saving(_ record: String, _ count: Int) -> @Sendable (SQLSave) -> SQLCommand {
            let recordAlone = statement(record)
            let withCheckpoint = statement(record, checkpoint(from: count + 1))
            let withJob = statement(record, job(from: count + 1))
            let both = checkpoint(from: count + 1)
            let withBoth = statement(record, both, job(from: count + 1 + Self.checkpointTypes.count))
            return { save in
                switch (save.checkpoint, save.job) {
                case (nil, nil): recordAlone(save.record)
                case (let checkpoint?, nil): withCheckpoint(save.record + checkpoint)
                case (nil, let job?): withJob(save.record + job)
                case (let checkpoint?, let job?): withBoth(save.record + checkpoint + job)
                }
            }
        }
        let advancing = saving(advance, SQLSave.advanceCount)
        let creating = saving(create, Self.sessionTypes.count)
        return SQLSaving(
            commands: { save in [save.createsSession ? creating(save) : advancing(save)] },
            commandCount: { _ in 1 })
    }

    /// In a SELECT, PostgreSQL takes a value without a type for a text.
    private static func typed(_ types: [String], from first: Int) -> String {
        types.enumerated().map { "$\(first + $0.offset)::\($0.element)" }.joined(separator: ", ")
    }

    func language(_ statements: SQLStatements, _ tables: SQLTables) -> any SQLGroupLanguage {
        PostgresGroups(tables, self, alone: SQLFence(statements))
    }

    static let sessionTypes = [
        "varchar", "bigint", "varchar", "integer", "varchar", "integer", "varchar", "timestamp", "timestamp",
    ]
    static let checkpointTypes = [
        "varchar", "varchar", "timestamp", "varchar", "integer", "text", "text", "bigint", "varchar",
        "varchar",
        "integer", "text",
    ]
    static let jobTypes = [
        "varchar", "varchar", "varchar", "varchar", "integer", "varchar", "text", "text", "integer",
        "varchar",
        "timestamp", "timestamp",
    ]

    func columns(of table: String, on connection: any SQLConnection) throws(SQLError) -> Set<String> {
        var names: Set<String> = []
        let sql =
            """
            SELECT column_name::text FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = $1
            """
        for row in try connection.query(sql, [.text(table)]) { names.insert(try row.text(at: 0)) }
        return names
    }

    func lock(_ prefix: TablePrefix, on connection: any SQLConnection) throws(SQLError) {
        _ = try connection.query(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.' || $1, 0))",
            [.text("\(prefix)migration")])
    }

    /// The end of the transaction unlocks.
    func unlock(_ prefix: TablePrefix, on connection: any SQLConnection) throws(SQLError) {}

    var schema: SQLSchemaFiles {
        SQLSchemaFiles(
            checkpoint: PackageResources.postgres_001_checkpoint_sql,
            llmfyIndexes: PackageResources.postgres_001_llmfy_indexes_sql,
            llmfyColumns: PackageResources.postgres_001_llmfy_columns_sql,
            sessions: PackageResources.postgres_001_sessions_sql,
            pair: PackageResources.postgres_002_pair_sql)
    }
}
