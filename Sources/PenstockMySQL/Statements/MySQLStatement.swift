import CPenstockMariaDB
import PenstockSQL

/// A statement that the server has prepared on one connection, or is to prepare.
final class MySQLStatement {
    let pointer: UnsafeMutablePointer<MYSQL_STMT>
    let sql: String
    private let handle: MySQLHandle

    init(_ sql: String, on handle: MySQLHandle) throws(MySQLFailure) {
        guard let pointer = mysql_stmt_init(handle.pointer) else { throw handle.failure() }
        self.pointer = pointer
        self.sql = sql
        self.handle = handle
    }

    /// Tells the server, unless the handle was closed before.
    func close() {
        mysql_stmt_close(pointer)
    }

    /// `rows` is 0 where the binds point to values, and not to arrays of them: one for each row, for which the statement is run in one
    /// exchange; its answer counts all changes.
    func bind(_ binds: [MYSQL_BIND], rows: Int) throws(MySQLFailure) {
        var (binds, rows) = (binds, UInt32(rows))
        guard mysql_stmt_attr_set(pointer, STMT_ATTR_ARRAY_SIZE, &rows) == 0 else { throw failure() }
        let valueCount = Int(mysql_stmt_param_count(pointer))
        guard binds.count == valueCount else {
            throw MySQLFailure(
                code: ER_WRONG_ARGUMENTS, state: "HY000", message: "It counts \(valueCount) values")
        }
        guard mysql_stmt_bind_param(pointer, &binds) == 0 else { throw failure() }
    }

    // MARK: What it answers

    var givesRows: Bool { mysql_stmt_field_count(pointer) > 0 }

    var changes: Int { Int(truncatingIfNeeded: mysql_stmt_affected_rows(pointer)) }

    var hasMoreResults: Bool { mysql_stmt_more_results(pointer) != 0 }

    /// The rows, which have all arrived.
    func rows() throws(MySQLFailure) -> [SQLRow] {
        defer { mysql_stmt_free_result(pointer) }
        let fields = UnsafeBufferPointer(
            start: mariadb_stmt_fetch_fields(pointer), count: Int(mysql_stmt_field_count(pointer)))
        let result = MySQLBinaryResult(of: pointer, columns: fields.map(MySQLColumn.init))
        guard let rows = result.rows() else { throw failure() }
        return rows
    }

    func failure() -> MySQLFailure {
        handle.failure(
            code: mysql_stmt_errno(pointer), state: mysql_stmt_sqlstate(pointer),
            message: mysql_stmt_error(pointer))
    }
}
