import CPenstockMariaDB
import PenstockSQL

/// The statements that one connection has prepared.
final class MySQLStatements {
    private let handle: MySQLHandle
    private let limit: Duration
    private let binding = MySQLBinding()
    private let rowBinding = MySQLRowBinding()
    private var statements = MySQLTextCache<MySQLStatement>()

    init(on handle: MySQLHandle, limit: Duration) {
        self.handle = handle
        self.limit = limit
    }

    func run(_ command: SQLCommand) throws(MySQLFailure) -> SQLAnswer {
        do throws(MySQLFailure) {
            return try handle.within(limit) { () throws(MySQLFailure) in
                let statement = try statement(for: command.sql)
                // Only what changes rows can be run for several of them.
                guard let width = command.width, width < command.values.count else {
                    binding.bind(command.values)
                    return try statement.run(with: binding)
                }
                return try statement.run(
                    forRows: command.values.count / width, rowBinding.bind(command.values, width: width))
            }
        } catch {
            if error.isOfForgottenStatement { close() }
            var failure = error
            failure.sql = command.sql
            throw failure
        }
    }

    func close() {
        for statement in statements.removeAll() { statement.close() }
    }

    private func statement(for sql: String) throws(MySQLFailure) -> MySQLStatement {
        if let statement = statements.value(of: sql) { return statement }
        let statement = try MySQLStatement(sql, on: handle)
        statements.add(statement, for: sql)?.close()
        return statement
    }
}
