import CPenstockMariaDB
import PenstockSQL

/// How a session with a server is set up, so that it is the same on every server, and what its transactions begin and
/// end with.
struct MySQLSession {
    /// The server's `max_allowed_packet`.
    let largestPacket: Int
    /// How long the server lets the session stand idle outside of transactions, in seconds.
    private let patience: Int64

    /// How long it may stand idle within one that writes before the server ends it, and the transaction with it: a stopped
    /// worker must not hold a session's row. (MariaDB has a setting for just that, which is all that a transaction has which
    /// begins without ``hurry``; MySQL has none.)
    private static let patienceForWriters = 3

    /// Strict, and nothing that changes how a statement is read: texts know backslashes, `"` quotes a text.
    private static let mode =
        "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION"

    // MARK: Opening

    static func open(
        to address: MySQLAddress, options: MySQLOptions
    ) throws(SQLError) -> (MySQLHandle, MySQLSession) {
        do throws(MySQLFailure) {
            let handle = try MySQLHandle(to: address, options: options)
            do throws(MySQLFailure) {
                let answers = try handle.exchange(
                    settings(lockSeconds: options.lockSeconds, isMariaDB: handle.isMariaDB),
                    within: options.answerLimit)
                guard let session = MySQLSession(answers.last?.rows.first) else {
                    throw MySQLFailure(code: CR_MALFORMED_PACKET, state: "HY000", message: "No settings came")
                }
                return (handle, session)
            } catch {
                handle.close()
                throw error
            }
        } catch {
            throw SQLError(error, of: address)
        }
    }

    /// One write. Its last answer has one row, for ``init(_:)``.
    private static func settings(lockSeconds: Int64, isMariaDB: Bool) -> String {
        // READ COMMITTED: InnoDB's own level goes on showing the state before the wait for a row.
        let patience = isMariaDB ? ", idle_write_transaction_timeout = \(patienceForWriters)" : ""
        return """
            SET NAMES utf8mb4 COLLATE utf8mb4_bin;\
            SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;\
            SET SESSION sql_mode = '\(mode)', time_zone = '+00:00', autocommit = 1, completion_type = 0, \
            innodb_lock_wait_timeout = \(lockSeconds), lock_wait_timeout = \(lockSeconds)\(patience);\
            SELECT @@max_allowed_packet, @@wait_timeout
            """
    }

    private init?(_ row: SQLRow?) {
        guard let values = row?.values, values.count == 2, case .integer(let size) = values[0],
            case .integer(let patience) = values[1]
        else { return nil }
        largestPacket = Int(size)
        self.patience = patience
    }

    // MARK: Transactions

    /// How many answers ``begin(_:)`` has.
    static let beginnings = 2

    static func begin(_ kind: SQLTransactionKind) -> String {
        switch kind {
        case .writing: "\(hurry);START TRANSACTION"
        // One state for all that is read, and no lock.
        case .reading: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;START TRANSACTION READ ONLY"
        }
    }

    static let hurry = "SET SESSION wait_timeout = \(patienceForWriters)"

    /// A statement that fails unless the one before it has changed so many rows.
    static func check(_ rows: Int) -> String {
        "SELECT IF(ROW_COUNT() = \(rows), 0, (SELECT 1 UNION ALL SELECT 1))"
    }

    /// What that fails with: a subquery that gives two rows.
    static let failedCheck = ER_SUBQUERY_NO_1_ROW

    func commit(_ kind: SQLTransactionKind) -> String {
        kind == .writing ? "COMMIT;\(calm)" : "COMMIT"
    }

    var rollback: String { "ROLLBACK;\(calm)" }

    private var calm: String { "SET SESSION wait_timeout = \(patience)" }
}
