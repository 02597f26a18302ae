/// What libmariadb or the server said when something failed.
struct MySQLFailure: Error, Hashable {
    /// Of `mysqld_error.h`, where the server speaks, or of `errmsg.h`, where libmariadb does.
    let code: Int32
    let state: String
    /// As it came: it may hold values.
    let message: String
    /// The server took longer than it may.
    var hasExpired = false
    /// The text of the statement that it is about, where that is known.
    var sql: String?
    /// How many rows a statement had to change, if it changed another number.
    var unmet: Int?
}
