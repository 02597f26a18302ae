import CPenstockMariaDB
import PenstockSQL

/// A statement that the server has prepared on one connection.
final class MySQLStatement {
    private let handle: MySQLHandle
    private let pointer: UnsafeMutablePointer<MYSQL_STMT>
    private let valueCount: Int

    init(_ sql: String, on handle: MySQLHandle) throws(MySQLFailure) {
        guard let pointer = mysql_stmt_init(handle.pointer) else { throw handle.failure() }
        self.handle = handle
        self.pointer = pointer
        guard mysql_stmt_prepare(pointer, sql, UInt(sql.utf8.count)) == 0 else {
            valueCount = 0
            let failure = failure()
            mysql_stmt_close(pointer)
            throw failure
        }
        valueCount = Int(mysql_stmt_param_count(pointer))
    }

    /// Tells the server, unless the handle was closed before.
    func close() {
        mysql_stmt_close(pointer)
    }

    func run(with binding: MySQLBinding) throws(MySQLFailure) -> SQLAnswer {
        try execute(binding.binds, rows: 0)
        let answer = try answer()
        // Only a procedure gives more than one: what follows says how it ended.
        while mysql_stmt_more_results(pointer) != 0 {
            guard mysql_stmt_next_result(pointer) <= 0 else { throw failure() }
        }
        return answer
    }

    /// Runs it once for each row, in one exchange; the answer counts all changes.
    func run(forRows count: Int, _ binds: [MYSQL_BIND]) throws(MySQLFailure) -> SQLAnswer {
        try execute(binds, rows: UInt32(count))
        return try answer()
    }

    /// `rows` is 0 where the binds point to values, and not to arrays of them.
    private func execute(_ binds: [MYSQL_BIND], rows: UInt32) throws(MySQLFailure) {
        var (binds, rows) = (binds, rows)
        guard mysql_stmt_attr_set(pointer, STMT_ATTR_ARRAY_SIZE, &rows) == 0 else { throw failure() }
        guard binds.count == valueCount else {
            throw MySQLFailure(
                code: ER_WRONG_ARGUMENTS, state: "HY000", message: "It counts \(valueCount) values")
        }
        guard mysql_stmt_bind_param(pointer, &binds) == 0, mysql_stmt_execute(pointer) == 0 else {
            throw failure()
        }
    }

    private func answer() throws(MySQLFailure) -> SQLAnswer {
        let count = Int(mysql_stmt_field_count(pointer))
        guard count > 0 else {
            return SQLAnswer(changes: Int(truncatingIfNeeded: mysql_stmt_affected_rows(pointer)))
        }
        guard mysql_stmt_store_result(pointer) == 0 else { throw failure() }
        defer { mysql_stmt_free_result(pointer) }
        let fields = UnsafeBufferPointer(start: mariadb_stmt_fetch_fields(pointer), count: count)
        let result = MySQLBinaryResult(of: pointer, columns: fields.map(MySQLColumn.init))
        guard let rows = result.rows() else { throw failure() }
        return SQLAnswer(rows: rows)
    }

    private func failure() -> MySQLFailure {
        handle.failure(
            code: mysql_stmt_errno(pointer), state: mysql_stmt_sqlstate(pointer),
            message: mysql_stmt_error(pointer))
    }
}
