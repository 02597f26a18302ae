import CPenstockMariaDB

extension MySQLFailure {
    /// What is to be made of it.
    enum Meaning {
        case lost, busy, undone, duplicate, denied, noDatabase, full, readOnly, statementLog
        /// A setting, a limit, a damaged table: somebody has to change something there.
        case unfit
        /// A fault of this program.
        case wrong
    }

    /// Those of libmariadb's own, not of the server's.
    static func isOfClient(_ code: Int32) -> Bool {
        (CR_MIN_ERROR...CR_MAX_ERROR).contains(code) || (CER_MIN_ERROR...CER_MAX_ERROR).contains(code)
    }

    var meaning: Meaning {
        if hasExpired || wasCutWithinTLS { return .lost }
        if let meaning = Self.meanings[code] { return meaning }
        if Self.isOfClient(code) { return .lost }
        return switch state.prefix(2) {
        case "08": .lost
        case "40": .undone
        case "28": .denied
        case "21", "22", "23", "42": .wrong
        default: .unfit
        }
    }

    /// OpenSSL tells a lost connection as it tells a certificate that it does not trust.
    private var wasCutWithinTLS: Bool {
        code == CR_SSL_CONNECTION_ERROR
            && ["unexpected eof", "reset by peer", "Broken pipe"].contains { message.contains($0) }
    }

    private static let meanings: [Int32: Meaning] = {
        var meanings: [Int32: Meaning] = [:]
        for (meaning, codes) in codes {
            for code in codes { meanings[code] = meaning }
        }
        return meanings
    }()

    private static let codes: [(Meaning, [Int32])] = [
        (
            .lost,
            [
                ER_SERVER_SHUTDOWN, ER_CONNECTION_KILLED, ER_NEW_ABORTING_CONNECTION, ER_ABORTING_CONNECTION,
                ER_NET_READ_ERROR, ER_NET_READ_INTERRUPTED, ER_NET_ERROR_ON_WRITE, ER_NET_WRITE_INTERRUPTED,
                ER_NET_PACKETS_OUT_OF_ORDER, ER_FORCING_CLOSE, ER_HANDSHAKE_ERROR, ER_ERROR_DURING_COMMIT,
                MySQLOnly.sessionWasKilled, MySQLOnly.clientInteractionTimeout,
            ]
        ),
        (
            .busy,
            [
                ER_LOCK_WAIT_TIMEOUT, ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED,
                ER_QUERY_INTERRUPTED, ER_STATEMENT_TIMEOUT, ER_CANT_CREATE_THREAD, ER_OUTOFMEMORY,
                ER_OUT_OF_RESOURCES, ER_UNKNOWN_COM_ERROR, MySQLOnly.queryTimeout, MySQLOnly.lockNowait,
            ]
        ),
        (
            .undone,
            [
                ER_LOCK_DEADLOCK, ER_CHECKREAD, ER_TABLE_DEF_CHANGED, ER_NEED_REPREPARE,
                ER_UNKNOWN_STMT_HANDLER,
                MySQLOnly.rollbackDuringCommit,
            ]
        ),
        (.duplicate, [ER_DUP_ENTRY, ER_DUP_KEY, ER_DUP_UNIQUE, ER_DUP_ENTRY_WITH_KEY_NAME]),
        (
            .denied,
            [
                ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR,
                ER_COLUMNACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR, ER_PROCACCESS_DENIED_ERROR,
                ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_HOST_NOT_PRIVILEGED, ER_HOST_IS_BLOCKED,
                ER_MUST_CHANGE_PASSWORD, ER_MUST_CHANGE_PASSWORD_LOGIN, ER_NOT_SUPPORTED_AUTH_MODE,
                ER_PLUGIN_IS_NOT_LOADED, ER_ACCOUNT_HAS_BEEN_LOCKED, MySQLOnly.accountLocked,
                CR_AUTH_PLUGIN_CANNOT_LOAD,
                CR_AUTH_PLUGIN_ERR, CR_SSL_CONNECTION_ERROR, CR_SECURE_AUTH,
            ]
        ),
        (.noDatabase, [ER_BAD_DB_ERROR, ER_NO_DB_ERROR]),
        (.full, [ER_DISK_FULL, ER_RECORD_FILE_FULL, ER_ERROR_ON_WRITE]),
        (
            .readOnly,
            [ER_OPTION_PREVENTS_STATEMENT, ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE]
        ),
        (.statementLog, [ER_BINLOG_STMT_MODE_AND_ROW_ENGINE]),
        (
            .unfit,
            [
                ER_NET_PACKET_TOO_LARGE, ER_DATA_TOO_LONG, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
                ER_TOO_BIG_ROWSIZE, ER_MAX_PREPARED_STMT_COUNT_REACHED, CR_NET_PACKET_TOO_LARGE,
                CR_OUT_OF_MEMORY,
            ]
        ),
    ]

    /// Codes of MySQL 8 that MariaDB's headers lack, or use for what does not come up here.
    private enum MySQLOnly {
        static let queryTimeout: Int32 = 3024
        static let rollbackDuringCommit: Int32 = 3101
        static let accountLocked: Int32 = 3118
        static let sessionWasKilled: Int32 = 3169
        static let lockNowait: Int32 = 3572
        static let clientInteractionTimeout: Int32 = 4031
    }

    /// Whether the server hangs up after saying so, or has, or nothing more can be made of what it says.
    var endsConnection: Bool {
        Self.isOfClient(code) || code == ER_NET_PACKET_TOO_LARGE
            || (meaning == .lost && code != ER_ERROR_DURING_COMMIT)
    }

    var isOfForgottenStatement: Bool { code == ER_NEED_REPREPARE || code == ER_UNKNOWN_STMT_HANDLER }

    var isOfReadOnlyTransaction: Bool { code == ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION }
}
