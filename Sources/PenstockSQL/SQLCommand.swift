/// A statement with the values that it is given.
package struct SQLCommand: Hashable, Sendable {
    /// One statement; few different texts, since each is prepared once per connection.
    package let sql: String
    package let values: [SQLValue]

    package init(_ sql: String, _ values: [SQLValue] = []) {
        self.sql = sql
        self.values = values
    }
}

/// Commands that make up one transaction.
package struct SQLBatch: Hashable, Sendable {
    package let commands: [SQLCommand]
    /// Whether to wait for the disk. Without it a crash of the database's host may undo the transaction, and none that was
    /// acknowledged as durable.
    package let isDurable: Bool

    package init(_ commands: [SQLCommand], isDurable: Bool = true) {
        self.commands = commands
        self.isDurable = isDurable
    }
}

/// What one command answered.
package struct SQLAnswer: Hashable, Sendable {
    /// The rows of a statement that gives some.
    package let rows: [SQLRow]
    /// The rows that a statement changed; of one that gives rows it may be 0.
    package let changes: Int

    package init(rows: [SQLRow] = [], changes: Int = 0) {
        self.rows = rows
        self.changes = changes
    }
}
