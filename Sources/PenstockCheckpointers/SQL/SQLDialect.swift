import PenstockSQL

/// What the SQL checkpointer has to know of one kind of database: how it says things. What it does is the same on all.
protocol SQLDialect: Sendable {
    /// The statements, for one table prefix.
    var statements: SQLStatements { get }

    /// The number of the last migration that was made here; 0 when there is no store yet.
    func schemaVersion(on connection: any SQLConnection) throws(SQLError) -> Int

    /// Whether no migration is missing.
    func isCurrent(on connection: any SQLConnection) throws(SQLError) -> Bool

    /// Makes the migrations that are missing, within the caller's transaction. Others may have come first meanwhile.
    func migrate(on connection: any SQLConnection, at now: SQLValue) throws(SQLError)
}
