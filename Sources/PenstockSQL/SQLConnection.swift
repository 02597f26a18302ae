/// One connection within one transaction, to be used on the connection's own thread: every call blocks it.
///
/// A statement is prepared once per connection and known by its text, so texts should be few and never hold values.
/// After a call has thrown, the transaction may be spoilt: the body should throw on.
package protocol SQLConnection: AnyObject {
    /// Runs one statement and gives the number of rows that it changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Int

    /// Runs one statement and gives all rows of its answer, which should therefore be limited.
    func query(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> [SQLRow]

    /// Runs statements separated by semicolons, without values: the text of a schema file.
    func script(_ sql: String) throws(SQLError)
}

extension SQLConnection {
    @discardableResult
    package func execute(_ sql: String) throws(SQLError) -> Int {
        try execute(sql, [])
    }

    package func query(_ sql: String) throws(SQLError) -> [SQLRow] {
        try query(sql, [])
    }
}
