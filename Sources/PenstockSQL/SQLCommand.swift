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
