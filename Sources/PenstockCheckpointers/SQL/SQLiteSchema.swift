import PenstockSQL

/// The tables of a store in a SQLite file, and how they come to be.
struct SQLiteSchema: Sendable {
    /// Migrations only add, so that workers of two versions can run side by side; a greater number in the file is none of our business.
    private static let latest = 1

    private let prefix: TablePrefix

    init(prefix: TablePrefix) {
        self.prefix = prefix
    }

    private var checkpoint: String { prefix.text + "checkpoint" }
    private var migration: String { prefix.text + "migration" }

    func version(on connection: any SQLConnection) throws(SQLError) -> Int {
        guard try !columns(of: migration, on: connection).isEmpty else { return 0 }
        let rows = try connection.query("SELECT COALESCE(MAX(version), 0) FROM \"\(migration)\"")
        return Int(try rows.first?.integer(at: 0) ?? 0)
    }

    func isCurrent(on connection: any SQLConnection) throws(SQLError) -> Bool {
        try version(on: connection) >= Self.latest
    }

    func migrate(on connection: any SQLConnection, at now: SQLValue) throws(SQLError) {
        let version = try version(on: connection)
        guard version < Self.latest else { return }
        if version < 1 { try create(on: connection) }
        try connection.execute(
            "INSERT INTO \"\(migration)\" (version, applied_at) VALUES (?, ?)",
            [.integer(Int64(Self.latest)), now])
    }

    private func create(on connection: any SQLConnection) throws(SQLError) {
        let found = try columns(of: checkpoint, on: connection)
        if found.isEmpty {
            try run(PackageResources.sqlite_001_checkpoint_sql, on: connection)
            if prefix.text == TablePrefix.llmfy {
                try run(PackageResources.sqlite_001_llmfy_indexes_sql, on: connection)
            }
        } else {
            try makeSureThatItIsKnown(found)
            try run(PackageResources.sqlite_001_llmfy_columns_sql, on: connection)
        }
        try run(PackageResources.sqlite_001_sessions_sql, on: connection)
    }

    /// A table of that name that is neither llmfy's of before 0.11 nor ours is left alone.
    private func makeSureThatItIsKnown(_ found: Set<String>) throws(SQLError) {
        let expected: Set = ["checkpoint_id", "session_id", "timestamp", "node_name", "step", "state"]
        guard !found.isSuperset(of: expected) else { return }
        let kind =
            found.isSuperset(of: ["run_id", "prev_node"])
            ? "was made by llmfy 0.11 or later, whose format is another"
            : "has not the columns of a table of checkpoints"
        throw .refused(reason: "The table '\(checkpoint)' \(kind); use another table prefix.")
    }

    private func columns(of table: String, on connection: any SQLConnection) throws(SQLError) -> Set<String> {
        var names: Set<String> = []
        for row in try connection.query("SELECT name FROM pragma_table_info(?)", [.text(table)]) {
            names.insert(try row.text(at: 0))
        }
        return names
    }

    private func run(_ resource: [UInt8], on connection: any SQLConnection) throws(SQLError) {
        try connection.script(prefix.applied(to: resource))
    }
}
