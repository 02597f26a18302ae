import PenstockSQL

/// What the SQL checkpointer has to know of one kind of database: how it says things. What it does is the same on all.
protocol SQLDialect: Sendable {
    /// How places for values are written.
    var places: SQLTemplate.Places { get }

    /// A place for an id in a statement that names it several times.
    func id(_ place: String) -> String

    /// A name of ours, quoted.
    func quoted(_ name: String) -> String

    /// A column of texts, or a place for one, compared and ordered by its bytes, whatever collation another program gave it.
    func byBytes(_ text: String) -> String
    /// A column of the database's JSON type as a text.
    func asText(_ column: String) -> String

    /// The bytes of the column `state`, without reading it where that can be.
    var stateBytes: String { get }

    /// The lesser, and the greater, of two values of which none is NULL.
    func least(_ one: String, _ other: String) -> String
    func greatest(_ one: String, _ other: String) -> String

    /// What follows a FROM, up to conditions that an AND may add: a session's checkpoints `c` with the greatest step of those that meet
    /// `condition`, found by their index in a statement that sorts them.
    func lastCheckpoints(_ tables: SQLTables, of session: String, _ condition: String) -> String

    /// What an INSERT ends with, to change the row that has the key `id` already.
    var orUpdate: String { get }
    /// What an INSERT ends with, to leave the row alone that has the key `id` already.
    var orKeep: String { get }
    /// Adds rows to a table, those that have the key `id` of another left out and not counted.
    func insertIfAbsent(into table: String, _ columns: String, from rows: String) -> String
    /// A value that the INSERT would have put there.
    func incoming(_ column: String) -> String
    /// What an INSERT ends with so that it answers with columns; empty where there is no such thing.
    func returning(_ columns: String) -> String

    /// How a save is made: commands of which the first answers with a row, or changes one, if the session was the writer's.
    func saving(_ tables: SQLTables) -> SQLSaving

    /// How the writes of a group are made.
    func language(_ statements: SQLStatements, _ tables: SQLTables) -> any SQLGroupLanguage

    /// The names of a table's columns; none if there is no such table.
    func columns(of table: String, on connection: any SQLConnection) throws(SQLError) -> Set<String>

    /// Keeps other processes from migrating the tables of this prefix until the transaction ends, or ``unlock(_:on:)``.
    func lock(_ prefix: TablePrefix, on connection: any SQLConnection) throws(SQLError)
    func unlock(_ prefix: TablePrefix, on connection: any SQLConnection) throws(SQLError)

    /// The migrations' texts.
    var schema: SQLSchemaFiles { get }
}

extension SQLDialect {
    func lastCheckpoints(_ tables: SQLTables, of session: String, _ condition: String) -> String {
        """
        \(tables.checkpoint) c WHERE c.session_id = \(session)
        AND c.step = (SELECT step FROM \(tables.checkpoint) WHERE session_id = \(session) \(condition) ORDER BY step DESC LIMIT 1)
        """
    }

    func insertIfAbsent(into table: String, _ columns: String, from rows: String) -> String {
        "INSERT INTO \(table) (\(columns)) \(rows) \(orKeep)"
    }

    func language(_ statements: SQLStatements, _ tables: SQLTables) -> any SQLGroupLanguage {
        SQLFence(statements)
    }
}

/// The texts of the migrations, `{prefix}` standing for the table prefix.
struct SQLSchemaFiles: Sendable {
    /// The table of checkpoints.
    let checkpoint: [UInt8]
    /// What llmfy reads it by, under llmfy's names.
    let llmfyIndexes: [UInt8]
    /// Our columns for a table that llmfy made.
    let llmfyColumns: [UInt8]
    /// The tables that llmfy does not have.
    let sessions: [UInt8]
    /// The second migration: how a replicated pair stands.
    let pair: [UInt8]
}
