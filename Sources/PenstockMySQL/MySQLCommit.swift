import PenstockSQL

/// The exchanges by which a batch is committed, one after the other.
///
/// A single command is a transaction already, unless it has to change so many rows. Several are one text, their values written
/// out, between the beginning of a transaction and its commit: the server runs them one after the other and stops at the first that
/// fails, so a client that falls silent has sent the commit too, or nothing that is run. (Prepared statements that were sent ahead
/// would go on after a failure.) Statements for several rows, and the number that they have to change, MySQL finds in that text, see
/// ``MySQLRowTemplate`` and ``MySQLSession/check(_:)``. MariaDB is given the rows: such statements come first and are prepared, each in an
/// exchange of its own; if we fall silent in between for some seconds, and be it that a loop has so long to do, MariaDB ends the
/// transaction.
struct MySQLCommit {
    private enum Step {
        case begin
        case prepared(SQLCommand)
        /// What is left is one text, with the commit.
        case text(ArraySlice<SQLCommand>, begins: Bool)
    }

    /// Whether something is to be undone when it fails.
    let isTransaction: Bool
    private let commands: [SQLCommand]
    private var steps: ArraySlice<Step>
    /// What the answer that comes next has to say, if it has to say something.
    private var mustChange: Int?
    private var answers: [SQLAnswer] = []

    /// - Parameters:
    ///   - batch: What is to be committed.
    ///   - givesRows: Whether the server can be given rows.
    init(of batch: SQLBatch, givesRows: Bool) {
        commands = batch.commands
        let withRows = commands.prefix { givesRows && $0.width != nil }
        isTransaction =
            commands.count > 1
            || commands.contains { $0.mustChange != nil || !givesRows && $0.hasSeveralRows }
        steps =
            if !isTransaction {
                commands.map { .prepared($0) }[...]
            } else if withRows.isEmpty {
                [.text(commands[...], begins: true)]
            } else {
                [.begin] + withRows.map { .prepared($0) }
                    + [.text(commands.dropFirst(withRows.count), begins: false)]
            }
    }

    /// The exchange that comes next; `nil` when all is committed.
    mutating func next(on connection: MySQLConnection) throws(SQLError) -> (any MySQLExchange)? {
        guard let step = steps.popFirst() else { return nil }
        mustChange = nil
        switch step {
        case .begin: return try connection.text(Self.beginning, [])
        case .prepared(let command):
            mustChange = command.mustChange
            return try connection.prepared(command)
        case .text(let commands, let begins):
            return try connection.text(begins ? Self.beginning : nil, commands, "COMMIT")
        }
    }

    static let beginning = "START TRANSACTION"

    /// Takes the answers of the exchange that came last.
    mutating func take(_ answers: [SQLAnswer]) throws(SQLError) {
        if let mustChange, let changes = answers.first?.changes, changes != mustChange {
            throw .unmet(expected: mustChange, changed: changes)
        }
        self.answers += answers
    }

    /// An answer for each command, once all is committed.
    func result() throws(SQLError) -> [SQLAnswer] {
        // Before the commands a transaction was begun, and after them it was committed.
        let around = isTransaction ? 1 : 0
        guard answers.count == commands.count + 2 * around else { throw Self.misanswered(commands) }
        return Array(answers.dropFirst(around).dropLast(around))
    }

    static func misanswered(_ commands: [SQLCommand]) -> SQLError {
        .bug(reason: "Of \(commands.count) commands one has given several answers, or none.")
    }
}
