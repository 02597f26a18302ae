import PenstockSQL

/// The tables of a store, and how they come to be.
struct SQLSchema: Sendable {
    /// Migrations only add, so that workers of two versions can run side by side; a greater number is none of our business.
    static let latest = 2

    private let prefix: TablePrefix
    private let dialect: any SQLDialect
    private let readVersion: SQLTemplate
    private let noteVersion: SQLTemplate

    init(prefix: TablePrefix, dialect: any SQLDialect) {
        self.prefix = prefix
        self.dialect = dialect
        let migration = dialect.quoted("\(prefix)migration")
        readVersion = SQLTemplate("SELECT COALESCE(MAX(version), 0) FROM \(migration)", dialect.places)
        noteVersion = SQLTemplate(
            "INSERT INTO \(migration) (version, applied_at) VALUES ($1, $2)", dialect.places)
    }

    private var checkpoint: String { prefix.text + "checkpoint" }

    /// The number of the last migration that was made here; 0 when there is no store yet.
    func version(on connection: any SQLConnection) throws(SQLError) -> Int {
        guard try !dialect.columns(of: prefix.text + "migration", on: connection).isEmpty else { return 0 }
        return Int(try connection.run(readVersion()).rows.first?.integer(at: 0) ?? 0)
    }

    func isCurrent(on connection: any SQLConnection) throws(SQLError) -> Bool {
        try version(on: connection) >= Self.latest
    }

    /// Makes the migrations that are missing, within the caller's transaction. Others may have come first meanwhile.
    func migrate(on connection: any SQLConnection, at now: SQLValue) throws(SQLError) {
        try dialect.lock(prefix, on: connection)
        do throws(SQLError) {
            try migrateAlone(on: connection, at: now)
        } catch {
            // What went wrong first is what to tell; a connection that cannot unlock is lost, and its locks with it.
            try? dialect.unlock(prefix, on: connection)
            throw error
        }
        try dialect.unlock(prefix, on: connection)
    }

    private func migrateAlone(on connection: any SQLConnection, at now: SQLValue) throws(SQLError) {
        let made = try version(on: connection)
        guard made < Self.latest else { return }
        for version in (made + 1)...Self.latest {
            switch version {
            case 1: try create(on: connection)
            default: try run(dialect.schema.pair, on: connection)
            }
            _ = try connection.run(noteVersion([.integer(Int64(version)), now]))
        }
    }

    /// Databases that cannot undo this may be in the middle of it: each part is made only where it is missing.
    private func create(on connection: any SQLConnection) throws(SQLError) {
        let files = dialect.schema
        let found = try dialect.columns(of: checkpoint, on: connection)
        if found.isEmpty {
            try run(files.checkpoint, on: connection)
            if prefix.text == TablePrefix.llmfy { try run(files.llmfyIndexes, on: connection) }
        } else if !found.contains("run_step") {
            try makeSureThatItIsKnown(found)
            try run(files.llmfyColumns, on: connection)
        }
        try run(files.sessions, on: connection)
    }

    /// A table of that name that is neither llmfy's of before 0.11 nor ours is left alone.
    private func makeSureThatItIsKnown(_ found: Set<String>) throws(SQLError) {
        switch LlmfyTableSource.Format(columns: found) {
        case .shared: return
        case .later:
            throw .refused(
                reason: "The table '\(checkpoint)' was made by llmfy 0.11 or later, in a format that only "
                    + "penstock store copy reads: copy it into a store of another table prefix.")
        case nil:
            throw .refused(
                reason: "The table '\(checkpoint)' has not the columns of a table of checkpoints; "
                    + "use another table prefix.")
        }
    }

    private func run(_ resource: [UInt8], on connection: any SQLConnection) throws(SQLError) {
        try connection.script(prefix.applied(to: resource))
    }
}
