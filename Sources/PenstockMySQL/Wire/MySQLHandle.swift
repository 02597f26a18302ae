import CPenstockMariaDB
import Glibc
import PenstockSQL

/// One handle of libmariadb's, connected, and used from one thread at a time. Each call has a time limit.
final class MySQLHandle {
    let pointer: UnsafeMutablePointer<MYSQL>
    private let limit: MySQLTimeLimit
    private let text = MySQLText()
    private(set) var isBroken = false

    init(to address: MySQLAddress, options: MySQLOptions) throws(MySQLFailure) {
        limit = MySQLTimeLimit()
        pointer = try MySQLGreeting.connect(to: address, options: options, limit: limit)
    }

    /// Tells the server. Never called twice; statements that were prepared are to be closed afterwards.
    func close() {
        limit.begin(.seconds(1))
        mysql_close(pointer)
        limit.end()
        limit.watch(socket: -1)
    }

    /// Sends statements, separated by semicolons, in one go, and hands over their answers in order until one fails.
    func exchange(
        _ text: UnsafeRawBufferPointer, within duration: Duration, onAnswer: (SQLAnswer) -> Void
    ) throws(MySQLFailure) {
        try within(duration) { () throws(MySQLFailure) in
            let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard mysql_real_query(pointer, start, UInt(text.count)) == 0 else { throw failure() }
            while true {
                onAnswer(try answer())
                let status = mysql_next_result(pointer)
                // libmariadb says that there are no more, too, when the connection is lost while an answer's columns are described.
                guard status <= 0, mysql_errno(pointer) == 0 else { throw failure() }
                if status < 0 { return }
            }
        }
    }

    func exchange(_ sql: String, within duration: Duration) throws(MySQLFailure) -> [SQLAnswer] {
        text.removeAll()
        text.append(sql)
        var answers: [SQLAnswer] = []
        try exchange(text.bytes, within: duration) { answers.append($0) }
        return answers
    }

    /// Runs calls of libmariadb's that may wait for the server.
    func within<Value>(
        _ duration: Duration, _ body: () throws(MySQLFailure) -> Value
    ) throws(MySQLFailure) -> Value {
        limit.begin(duration)
        defer { limit.end() }
        return try body()
    }

    private func answer() throws(MySQLFailure) -> SQLAnswer {
        guard mysql_field_count(pointer) > 0 else {
            return SQLAnswer(changes: Int(truncatingIfNeeded: mysql_affected_rows(pointer)))
        }
        guard let result = mysql_store_result(pointer) else { throw failure() }
        defer { mysql_free_result(result) }
        return SQLAnswer(rows: MySQLTextResult(result).rows())
    }

    /// What the last call on the handle failed with.
    func failure() -> MySQLFailure {
        failure(
            code: mysql_errno(pointer), state: mysql_sqlstate(pointer), message: mysql_error(pointer))
    }

    func failure(
        code: UInt32, state: UnsafePointer<CChar>?, message: UnsafePointer<CChar>?
    ) -> MySQLFailure {
        let failure = MySQLFailure(
            // With TLS in between, the loss of a connection looks like this.
            code: code == UInt32(CR_SSL_CONNECTION_ERROR) ? CR_SERVER_LOST : Int32(code),
            state: state.map { String(cString: $0) } ?? "",
            message: message.map { String(cString: $0) } ?? "", hasExpired: limit.hasExpired)
        if failure.endsConnection { isBroken = true }
        return failure
    }

    // MARK: The server's state

    var isInTransaction: Bool {
        penstock_mysql_server_status(pointer) & UInt32(SERVER_STATUS_IN_TRANS) != 0
    }

    var isMariaDB: Bool { mariadb_connection(pointer) != 0 }

    var cipher: String? { mysql_get_ssl_cipher(pointer).map { String(cString: $0) } }

    /// Whether the server has hung up while nothing was asked of it, or said something unasked, which it does before it
    /// hangs up.
    var isAbandoned: Bool {
        var socket = pollfd(fd: mysql_get_socket(pointer), events: Int16(POLLIN), revents: 0)
        return poll(&socket, 1, 0) != 0
    }
}
