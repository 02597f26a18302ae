import CPenstockMariaDB
import Glibc
import PenstockSQL

/// One handle of libmariadb's, connected, and used from one thread at a time.
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

    /// Blocks until all that was asked for is answered.
    func complete(_ exchange: any MySQLExchange, within duration: Duration) throws(MySQLFailure)
        -> [SQLAnswer]
    {
        let deadline = ContinuousClock.now + duration
        if !mayWaitElsewhere { limit.begin(duration) }
        defer { limit.end() }
        var wanted = try exchange.goOn()
        while wanted != 0 {
            let events = MySQLEvents.wait(for: wanted, at: socket, until: deadline)
            if events == MYSQL_WAIT_TIMEOUT { cutOff() }
            wanted = try exchange.goOn(after: events)
        }
        return exchange.answers
    }

    func exchange(_ sql: String, within duration: Duration) throws(MySQLFailure) -> [SQLAnswer] {
        text.removeAll()
        text.append(sql)
        return try complete(MySQLTextExchange(text.bytes, on: self), within: duration)
    }

    var socket: Int32 { mysql_get_socket(pointer) }

    /// Ends a connection whose server takes too long: whatever waits for it fails once it goes on.
    func cutOff() { limit.expire() }

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

    /// Whether libmariadb may be asked to wait elsewhere: with TLS in between it waits itself.
    var mayWaitElsewhere: Bool { mysql_get_ssl_cipher(pointer) == nil }

    var cipher: String? { mysql_get_ssl_cipher(pointer).map { String(cString: $0) } }

    /// Whether the server has hung up while nothing was asked of it, or said something unasked, which it does before it
    /// hangs up.
    var isAbandoned: Bool {
        var socket = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&socket, 1, 0) != 0
    }
}
