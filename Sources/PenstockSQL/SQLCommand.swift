/// A statement with the values that it is given.
package struct SQLCommand: Hashable, Sendable {
    /// One statement; few different texts, since each is prepared once per connection.
    package let sql: String
    /// Of a statement that is given rows, their values, row by row.
    package let values: [SQLValue]
    /// How many values a row has; `nil` for a statement that is given its values once.
    ///
    /// What a statement does with rows is the database's: PostgreSQL is given each column as an array of texts (`$1::text[]`),
    /// MariaDB runs the statement once for each row, and MySQL is given the brackets that hold its places once for each: it has to have
    /// some that hold them all, as in `VALUES (?, ?)`. SQLite knows no rows.
    package let width: Int?
    /// How many rows it has to change, of a statement for several in MySQL or MariaDB; the transaction is undone when it changes
    /// another number.
    package let mustChange: Int?

    package init(_ sql: String, _ values: [SQLValue] = []) {
        self.sql = sql
        self.values = values
        width = nil
        mustChange = nil
    }

    /// - Parameters:
    ///   - sql: The statement.
    ///   - values: The values of its rows, row by row; a multiple of `width`, and more than none.
    ///   - width: How many values a row has, at least 1.
    ///   - mustChange: How many rows it has to change; `nil` for any number.
    package init(_ sql: String, rows values: [SQLValue], width: Int, mustChange: Int? = nil) {
        precondition(width > 0 && !values.isEmpty && values.count.isMultiple(of: width), "rows of one width")
        self.sql = sql
        self.values = values
        self.width = width
        self.mustChange = mustChange
    }
}

/// Commands that make up one transaction.
package struct SQLBatch: Hashable, Sendable {
    package let commands: [SQLCommand]
    /// Whether to wait for the disk. Without it a crash of the database's host may undo the transaction, and none that was
    /// acknowledged as durable.
    package let isDurable: Bool
    /// Whether it changes nothing, and each command may see the database as it stands by then: a transaction is not needed.
    package let isReading: Bool

    package init(_ commands: [SQLCommand], isDurable: Bool = true, isReading: Bool = false) {
        self.commands = commands
        self.isDurable = isDurable
        self.isReading = isReading
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
