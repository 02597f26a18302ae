import CPenstockMariaDB
import PenstockSQL

extension SQLError {
    /// The meaning of what failed.
    init(_ failure: MySQLFailure, of address: MySQLAddress) {
        if let rows = failure.unmet {
            self = .unmet(expected: rows, changed: nil)
            return
        }
        let server = "The server at \(address.server)"
        let saying = "\(MySQLMessage(failure).sentence) (\(failure.code))"
        self =
            switch failure.meaning {
            case .lost where failure.hasExpired:
                .connectionLost(reason: "\(server) took too long to answer.")
            case .lost: .connectionLost(reason: "\(server) is not to be reached, or was lost: \(saying).")
            case .busy: .contention(reason: "\(server) could not do it now: \(saying).")
            case .undone: .startAnew(reason: "\(server) undid the transaction: \(saying).")
            case .duplicate: .duplicate(key: MySQLMessage(failure).key)
            case .denied: .refused(reason: "\(server) does not let us: \(saying).")
            case .noDatabase:
                .refused(reason: "\(server) has no database '\(address.database ?? "")': create it.")
            case .full: .refused(reason: "\(server) has no room left: \(saying). Free some of its disk.")
            case .readOnly:
                .refused(reason: "\(server) may only be read, as a replica is: \(saying).")
            case .statementLog:
                .refused(
                    reason:
                        "\(server) logs statements, which READ COMMITTED forbids: set binlog_format to ROW or "
                        + "MIXED there.")
            case .unfit: .unfit(reason: "\(server) refuses this: \(saying).")
            case .wrong:
                .bug(
                    reason: "\(server) cannot do this: \(saying)."
                        + (failure.sql.map { " The statement was: \($0)" } ?? ""))
            }
    }

    /// Whether the transaction that it came up in is gone, or has lost a part.
    var mayHaveUndoneTransaction: Bool {
        switch self {
        case .connectionLost, .contention, .startAnew: true
        case .duplicate, .unmet, .refused, .unfit, .unreadable, .bug: false
        }
    }
}
