package import PenstockSQL

/// A session with a MySQL or MariaDB server, used on one thread at a time.
///
/// As in other databases, an UPDATE counts the rows that it found, even where it wrote what was there already; so does
/// `ROW_COUNT()` after it, in a batch of several commands. (One that MySQL has prepared goes on saying what it said at first.)
/// `INSERT … ON DUPLICATE KEY UPDATE` counts 1 for a row that is new or stays as it is, and 2 for one that it changed.
///
/// An unsigned integer beyond Int64, and a DECIMAL with a fraction, come as their digits. The last digits of a FLOAT may
/// come or not: use DOUBLE. Some servers keep -0.0 as 0.0.
///
/// `@unchecked`: it belongs to whoever has it, one at a time.
package final class MySQLConnection: SQLPooledConnection, @unchecked Sendable {
    /// Where the transaction that is under way stands.
    private enum Stage {
        /// It begins with the first statement, in one write: many have only one.
        case toBegin(SQLTransactionKind)
        case begun(SQLTransactionKind)
        /// The server may have undone it, or part of it: nothing more may be done in it.
        case spoilt(SQLError)
    }

    let address: MySQLAddress
    let options: MySQLOptions
    let handle: MySQLHandle
    let session: MySQLSession
    let text = MySQLText()
    private let statements: MySQLStatements
    private var templates = MySQLTextCache<MySQLTemplate>()
    private var stage: Stage?
    /// A transaction could not be ended.
    private var isLost = false

    package init(to address: MySQLAddress, options: MySQLOptions = MySQLOptions()) throws(SQLError) {
        self.address = address
        self.options = options
        (handle, session) = try MySQLSession.open(to: address, options: options)
        statements = MySQLStatements(on: handle)
    }

    package var isBroken: Bool { isLost || handle.isBroken || (stage == nil && handle.isAbandoned) }

    package func close() {
        handle.close()
        statements.close()
    }

    // MARK: Statements

    package func run(_ command: SQLCommand) throws(SQLError) -> SQLAnswer {
        switch stage {
        case .toBegin(let kind):
            stage = .begun(kind)
            return try begin(kind, with: command)
        case .begun, nil: return try runPrepared(command)
        case .spoilt(let error): throw error
        }
    }

    /// Statements about tables end the transaction, as they do in MySQL, and what follows in it is another one.
    package func script(_ sql: String) throws(SQLError) {
        switch stage {
        case .toBegin(let kind), .begun(let kind):
            let beginning = if case .toBegin = stage { MySQLSession.begin(kind) + ";" } else { "" }
            stage = .begun(kind)
            _ = try exchange(beginning + sql, within: options.scriptLimit)
            if !handle.isInTransaction { stage = .toBegin(kind) }
        case .spoilt(let error): throw error
        case nil: _ = try exchange(sql, within: options.scriptLimit)
        }
    }

    private func begin(_ kind: SQLTransactionKind, with command: SQLCommand) throws(SQLError) -> SQLAnswer {
        let beginning = MySQLSession.begin(kind)
        text.removeAll()
        text.append(beginning)
        text.append(";")
        try append(command)
        guard text.count <= largestText else {
            _ = try exchange(beginning, within: options.answerLimit)
            return try runPrepared(command)
        }
        let exchange = MySQLTextExchange(text.bytes, on: handle) { _ in .command(command.sql) }
        return try complete(exchange)[MySQLSession.beginnings]
    }

    private func runPrepared(_ command: SQLCommand) throws(SQLError) -> SQLAnswer {
        guard let answer = try complete(prepared(command)).first else {
            throw .bug(reason: "A statement was not answered.")
        }
        return answer
    }

    /// The exchange that runs a command by a statement that the server has prepared.
    func prepared(_ command: SQLCommand) throws(SQLError) -> any MySQLExchange {
        try command.check()
        if command.hasSeveralRows, !handle.isMariaDB {
            throw .bug(
                reason: "MySQL takes several rows in a batch alone: \(command.sql)")
        }
        if command.width == nil { try template(of: command.sql).check(command.values, of: command.sql) }
        let size = command.values.reduce(64) { $0 + MySQLRowBinding.longestForm(of: $1) + 16 }
        guard size <= largestText else { throw tooLarge(size) }
        return try telling { () throws(MySQLFailure) in try MySQLPreparedExchange(command, with: statements) }
    }

    /// Adds the command, its values written out, to ``text``.
    func append(_ command: SQLCommand) throws(SQLError) {
        try command.check()
        let template = try template(of: command.sql)
        guard let width = command.width, command.hasSeveralRows else {
            try template.check(command.values, of: command.sql)
            return text.append(template, with: command.values)
        }
        text.append(try MySQLRowTemplate(template, width: width, of: command.sql), with: command.values)
    }

    private func template(of sql: String) throws(SQLError) -> MySQLTemplate {
        if let template = templates.value(of: sql) { return template }
        let template = try MySQLTemplate(sql)
        _ = templates.add(template, for: sql)
        return template
    }

    func exchange(_ sql: String, within limit: Duration) throws(SQLError) -> [SQLAnswer] {
        try telling { () throws(MySQLFailure) in try handle.exchange(sql, within: limit) }
    }

    func complete(_ exchange: any MySQLExchange) throws(SQLError) -> [SQLAnswer] {
        try telling { () throws(MySQLFailure) in
            try handle.complete(exchange, within: options.answerLimit)
        }
    }

    /// Says what a failure means, here and now.
    func telling<Value>(_ body: () throws(MySQLFailure) -> Value) throws(SQLError) -> Value {
        do throws(MySQLFailure) {
            return try body()
        } catch {
            throw failed(error)
        }
    }

    /// The most bytes that one command may have: the command is not all there is to a packet.
    var largestText: Int { session.largestPacket - 16 }

    func tooLarge(_ size: Int) -> SQLError {
        .unfit(
            reason:
                "A command of \(size) bytes is larger than the server at \(address.server) takes: its "
                + "max_allowed_packet is \(session.largestPacket). Raise it.")
    }

    private func failed(_ failure: MySQLFailure) -> SQLError {
        var error = SQLError(failure, of: address)
        if case .begun(.reading) = stage, failure.isOfReadOnlyTransaction {
            error = .bug(reason: "A transaction that only reads was asked to write.")
        }
        if stage != nil, error.mayHaveUndoneTransaction { stage = .spoilt(error) }
        return error
    }

    // MARK: Transactions

    package func transaction<Value>(
        _ kind: SQLTransactionKind, _ body: (any SQLConnection) throws(SQLError) -> Value
    ) throws(SQLError) -> Value {
        guard stage == nil else { throw .bug(reason: "A transaction was begun within another.") }
        stage = .toBegin(kind)
        defer { stage = nil }
        do throws(SQLError) {
            let value = try body(self)
            try finish()
            return value
        } catch {
            if case .toBegin = stage {} else { undo() }
            throw error
        }
    }

    private func finish() throws(SQLError) {
        switch stage {
        case .toBegin, nil: return
        case .spoilt(let error): throw error
        case .begun(let kind):
            guard handle.isInTransaction else {
                throw .bug(reason: "The body of a transaction has ended it itself.")
            }
            _ = try exchange(session.commit(kind), within: options.answerLimit)
        }
    }

    /// Without an answer to this the connection is closed, which undoes the transaction too.
    func undo() {
        guard let undoing = undoing() else { return }
        do throws(MySQLFailure) {
            _ = try handle.complete(undoing, within: options.answerLimit)
        } catch {
            giveUp()
        }
    }

    /// What undoes the transaction; `nil` where the server is gone, and does it itself.
    func undoing() -> (any MySQLExchange)? {
        guard !handle.isBroken else { return nil }
        text.removeAll()
        text.append(session.rollback)
        return MySQLTextExchange(text.bytes, on: handle)
    }

    /// Says that nobody knows what the server is in the middle of.
    func giveUp() { isLost = true }
}
