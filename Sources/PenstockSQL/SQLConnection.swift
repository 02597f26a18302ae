/// One connection within one transaction, to be used on the connection's own thread: every call blocks it.
///
/// A statement is prepared once per connection and known by its text, so texts should be few and never hold values.
/// After a call has thrown, the transaction may be spoilt: the body should throw on.
package protocol SQLConnection: AnyObject {
    /// Runs one statement and gives all rows of its answer, which should therefore be limited, and how many it changed.
    func run(_ command: SQLCommand) throws(SQLError) -> SQLAnswer

    /// Runs statements separated by semicolons, without values: the text of a schema file.
    func script(_ sql: String) throws(SQLError)
}

extension SQLConnection {
    /// Runs one statement and gives the number of rows that it changed.
    @discardableResult
    package func execute(_ sql: String, _ values: [SQLValue] = []) throws(SQLError) -> Int {
        try run(SQLCommand(sql, values)).changes
    }

    /// Runs one statement and gives its rows.
    package func query(_ sql: String, _ values: [SQLValue] = []) throws(SQLError) -> [SQLRow] {
        try run(SQLCommand(sql, values)).rows
    }

    /// Runs one statement after the other.
    package func run(_ commands: [SQLCommand]) throws(SQLError) -> [SQLAnswer] {
        var answers: [SQLAnswer] = []
        for command in commands {
            answers.append(try run(command))
        }
        return answers
    }
}
