import CPenstockMariaDB
import PenstockSQL

/// What a session is set to, so that it is the same on every server.
enum MySQLSession {
    /// Strict, and nothing that changes how a statement is read: texts know backslashes, `"` quotes a text.
    private static let mode =
        "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION"

    /// How long a transaction may stand still before MariaDB ends it and its connection, so that a stopped worker cannot
    /// hold a session's row. MySQL has no such setting: what has to hold no row for long leaves there as a commit of
    /// several commands, in one write.
    private static let idleSeconds = 3

    /// Connects, and gives the server's `max_allowed_packet`.
    static func open(
        to address: MySQLAddress, options: MySQLOptions
    ) throws(SQLError) -> (MySQLHandle, largestPacket: Int) {
        do throws(MySQLFailure) {
            let handle = try MySQLHandle(to: address, options: options)
            do throws(MySQLFailure) {
                try makeSureOfTLS(handle, address)
                let settings = settings(isMariaDB: handle.isMariaDB, lockSeconds: options.lockSeconds)
                let answers = try handle.exchange(settings, within: options.answerLimit)
                guard let row = answers.last?.rows.first, case .integer(let size) = row.values.first else {
                    throw MySQLFailure(code: CR_MALFORMED_PACKET, state: "HY000", message: "No settings came")
                }
                return (handle, Int(size))
            } catch {
                handle.close()
                throw error
            }
        } catch {
            throw SQLError(error, of: address)
        }
    }

    /// libmariadb goes on without, unless it is to check the server's certificate.
    private static func makeSureOfTLS(_ handle: MySQLHandle, _ address: MySQLAddress) throws(MySQLFailure) {
        guard case .tcp = address.place, handle.cipher == nil else { return }
        switch address.tls.mode {
        case .disabled, .preferred: return
        case .required, .verifyAuthority, .verifyFull:
            throw MySQLFailure(
                code: CR_SSL_CONNECTION_ERROR, state: "HY000", message: "The server offers no TLS")
        }
    }

    /// One write, whose last answer has one row.
    private static func settings(isMariaDB: Bool, lockSeconds: Int64) -> String {
        var settings = [
            "sql_mode = '\(mode)'", "time_zone = '+00:00'", "autocommit = 1", "completion_type = 0",
            // For rows, and for tables that are being altered.
            "innodb_lock_wait_timeout = \(lockSeconds)", "lock_wait_timeout = \(lockSeconds)",
        ]
        if isMariaDB {
            settings += [
                "idle_transaction_timeout = \(idleSeconds)",
                "idle_write_transaction_timeout = \(idleSeconds)",
                "idle_readonly_transaction_timeout = \(idleSeconds)",
            ]
        }
        // InnoDB's own level, REPEATABLE READ, goes on showing the state before the wait for a row.
        return """
            SET NAMES utf8mb4 COLLATE utf8mb4_bin;\
            SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;\
            SET SESSION \(settings.joined(separator: ", "));\
            SELECT @@max_allowed_packet
            """
    }

    static func begin(_ kind: SQLTransactionKind) -> String {
        switch kind {
        case .writing: "START TRANSACTION"
        // One state for all that is read, and no lock.
        case .reading: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;START TRANSACTION READ ONLY"
        }
    }

    /// How many answers ``begin(_:)`` has.
    static func beginnings(_ kind: SQLTransactionKind) -> Int {
        kind == .writing ? 1 : 2
    }
}
