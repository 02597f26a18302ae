import PenstockMySQL
import PenstockSQL

/// A connection of its own, past the pool, for what others do meanwhile. It may be handed from thread to thread, not shared.
final class MySQLConnectionBox: @unchecked Sendable {
    private let connection: Result<MySQLConnection, SQLError>

    init(_ address: MySQLAddress, options: MySQLOptions = MySQLOptions()) {
        connection = Result { () throws(SQLError) in try MySQLConnection(to: address, options: options) }
    }

    deinit {
        if case .success(let connection) = connection { connection.close() }
    }

    /// Runs statements outside of any transaction but those that they begin.
    func run(_ sql: String) throws(SQLError) {
        try connection.get().script(sql)
    }

    func query(_ sql: String) throws(SQLError) -> [SQLRow] {
        try connection.get().query(sql)
    }
}
