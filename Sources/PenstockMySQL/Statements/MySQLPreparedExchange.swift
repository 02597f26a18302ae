import CPenstockMariaDB
import Glibc
import PenstockSQL

/// A command that a prepared statement runs, which is prepared first where it is new.
final class MySQLPreparedExchange: MySQLExchange {
    enum Call { case prepare, execute, storeRows, nextResult }

    private let command: SQLCommand
    private let statements: MySQLStatements
    private let statement: MySQLStatement
    /// The text that the server prepares, which libmariadb reads as long as that takes.
    private var text: UnsafeMutablePointer<CChar>?
    private var code: Int32 = 0
    var call: Call?
    var isWaiting = false
    private(set) var answers: [SQLAnswer] = []

    init(_ command: SQLCommand, with statements: MySQLStatements) throws(MySQLFailure) {
        self.command = command
        self.statements = statements
        if let known = statements.find(command.sql) {
            statement = known
            call = .execute
            try naming { () throws(MySQLFailure) in try statements.bind(command, to: known) }
        } else {
            statement = try MySQLStatement(command.sql, on: statements.handle)
            call = .prepare
            text = strdup(command.sql)
        }
    }

    deinit { free(text) }

    func begin(_ call: Call) -> Int32 {
        switch call {
        case .prepare:
            mysql_stmt_prepare_start(&code, statement.pointer, text, UInt(command.sql.utf8.count))
        case .execute: mysql_stmt_execute_start(&code, statement.pointer)
        case .storeRows: mysql_stmt_store_result_start(&code, statement.pointer)
        case .nextResult: mysql_stmt_next_result_start(&code, statement.pointer)
        }
    }

    func goOn(with call: Call, after events: Int32) -> Int32 {
        switch call {
        case .prepare: mysql_stmt_prepare_cont(&code, statement.pointer, events)
        case .execute: mysql_stmt_execute_cont(&code, statement.pointer, events)
        case .storeRows: mysql_stmt_store_result_cont(&code, statement.pointer, events)
        case .nextResult: mysql_stmt_next_result_cont(&code, statement.pointer, events)
        }
    }

    func end(_ call: Call) throws(MySQLFailure) -> Call? {
        try naming { () throws(MySQLFailure) in try next(after: call) }
    }

    private func next(after call: Call) throws(MySQLFailure) -> Call? {
        // Only the call for more says with -1 that there is nothing.
        guard code == 0 || (call == .nextResult && code < 0) else {
            defer { if call == .prepare { statement.close() } }
            throw statement.failure()
        }
        switch call {
        case .prepare:
            statements.keep(statement)
            try statements.bind(command, to: statement)
            return .execute
        case .execute where statement.givesRows: return .storeRows
        case .execute:
            answers.append(SQLAnswer(changes: statement.changes))
        case .storeRows: answers.append(SQLAnswer(rows: try statement.rows()))
        case .nextResult: break
        }
        // Only a procedure gives more than one: what follows says how it ended.
        return statement.hasMoreResults ? .nextResult : nil
    }

    private func naming<Value>(_ body: () throws(MySQLFailure) -> Value) throws(MySQLFailure) -> Value {
        do throws(MySQLFailure) {
            return try body()
        } catch {
            if error.isOfForgottenStatement { statements.close() }
            var failure = error
            failure.sql = command.sql
            throw failure
        }
    }
}
