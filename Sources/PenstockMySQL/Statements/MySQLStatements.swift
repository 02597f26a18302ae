import CPenstockMariaDB
import PenstockSQL

/// The statements that one connection has prepared.
final class MySQLStatements {
    let handle: MySQLHandle
    private let binding = MySQLBinding()
    private let rowBinding = MySQLRowBinding()
    private var statements = MySQLTextCache<MySQLStatement>()

    init(on handle: MySQLHandle) {
        self.handle = handle
    }

    func find(_ sql: String) -> MySQLStatement? { statements.value(of: sql) }

    /// Keeps one that was prepared.
    func keep(_ statement: MySQLStatement) {
        statements.add(statement, for: statement.sql)?.close()
    }

    /// Gives a statement its values, which hold until the next is given some.
    func bind(_ command: SQLCommand, to statement: MySQLStatement) throws(MySQLFailure) {
        // Only what changes rows can be run for several of them.
        guard let width = command.width, width < command.values.count else {
            binding.bind(command.values)
            return try statement.bind(binding.binds, rows: 0)
        }
        try statement.bind(
            rowBinding.bind(command.values, width: width), rows: command.values.count / width)
    }

    func close() {
        for statement in statements.removeAll() { statement.close() }
    }
}
