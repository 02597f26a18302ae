import CPenstockMariaDB
import Glibc

/// Gets us into a server, within a limit.
enum MySQLGreeting {
    /// libmariadb wants to be set up before it is used from several threads; it keeps nothing per thread.
    private static let library: Void = { _ = mysql_server_init(0, nil, nil) }()

    static func connect(
        to address: MySQLAddress, options: MySQLOptions, limit: MySQLTimeLimit
    ) throws(MySQLFailure) -> UnsafeMutablePointer<MYSQL> {
        _ = library
        guard let mysql = mysql_init(nil) else {
            throw MySQLFailure(code: CR_OUT_OF_MEMORY, state: "HY000", message: "no memory")
        }
        setUp(mysql, for: address, options: options)
        let connectLimit = address.connectTimeout ?? options.connectLimit
        let deadline = ContinuousClock.now + connectLimit
        do throws(MySQLFailure) {
            guard try connect(mysql, to: address, until: deadline, limit: limit) else {
                throw MySQLFailure(
                    code: Int32(mysql_errno(mysql)), state: String(cString: mysql_sqlstate(mysql)),
                    message: String(cString: mysql_error(mysql)),
                    hasExpired: limit.hasExpired || ContinuousClock.now >= deadline)
            }
        } catch {
            mysql_close(mysql)
            throw error
        }
        return mysql
    }

    /// Begins without waiting, since only so can the socket be known, and watched, before the server has let us in. What
    /// libmariadb then waits for by itself is TLS.
    private static func connect(
        _ mysql: UnsafeMutablePointer<MYSQL>, to address: MySQLAddress,
        until deadline: ContinuousClock.Instant,
        limit: MySQLTimeLimit
    ) throws(MySQLFailure) -> Bool {
        let (host, port, path) = place(of: address)
        // libmariadb goes on reading these after the first call.
        let words = [host, address.user, address.password, address.database, path].map { word in
            word.flatMap { strdup($0) }
        }
        defer { for word in words { free(word) } }
        // Found rows, as other databases count them: an UPDATE that comes upon what it would write has still hit.
        let flags = UInt(CLIENT_MULTI_STATEMENTS) | UInt(CLIENT_MULTI_RESULTS) | UInt(CLIENT_FOUND_ROWS)
        var connected: UnsafeMutablePointer<MYSQL>?
        var status = mysql_real_connect_start(
            &connected, mysql, words[0], words[1], words[2], words[3], port, words[4], flags)
        while status != 0 {
            let socket = mysql_get_socket(mysql)
            limit.watch(socket: socket)
            let events = MySQLEvents.wait(for: status, at: socket, until: deadline)
            // Connected, and the greeting comes next.
            if events & MYSQL_WAIT_WRITE != 0, address.mayUseTLS,
                MySQLOffer.ofTLS(at: socket, until: deadline) == false
            {
                try goWithoutTLS(mysql, to: address)
            }
            limit.begin(max(deadline - .now, .zero))
            status = mysql_real_connect_cont(&connected, mysql, events)
            limit.end()
        }
        guard connected != nil else { return false }
        if address.mayUseTLS, mysql_get_ssl_cipher(mysql) == nil { try goWithoutTLS(mysql, to: address) }
        limit.watch(socket: mysql_get_socket(mysql))
        return true
    }

    /// Where a server offers no TLS: fails if that is asked for, else has libmariadb know that there is none. By itself it goes on, unless
    /// it is to check the server's certificate, and takes the connection for encrypted: it would tell a MySQL server the password as
    /// it is.
    private static func goWithoutTLS(
        _ mysql: UnsafeMutablePointer<MYSQL>, to address: MySQLAddress
    ) throws(MySQLFailure) {
        guard address.tls.mode == .preferred else {
            throw MySQLFailure(
                code: CR_SSL_CONNECTION_ERROR, state: "HY000", message: "The server offers no TLS")
        }
        set(MYSQL_OPT_SSL_ENFORCE, to: my_bool(0), of: mysql)
    }

    private static func place(of address: MySQLAddress) -> (host: String?, port: UInt32, path: String?) {
        switch address.place {
        case .tcp(let host, let port): (host, UInt32(port), nil)
        case .unix(let path): (nil, 0, path)
        }
    }

    private static func setUp(
        _ mysql: UnsafeMutablePointer<MYSQL>, for address: MySQLAddress, options: MySQLOptions
    ) {
        mysql_options(mysql, MYSQL_OPT_NONBLOCK, nil)
        mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        mysql_options4(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", options.applicationName)
        // A server could ask for any file of ours.
        set(MYSQL_OPT_LOCAL_INFILE, to: UInt32(0), of: mysql)
        set(MYSQL_REPORT_DATA_TRUNCATION, to: my_bool(0), of: mysql)
        let seconds = UInt32(clamping: options.answerLimit.components.seconds + 1)
        set(MYSQL_OPT_CONNECT_TIMEOUT, to: seconds, of: mysql)
        set(
            MYSQL_OPT_READ_TIMEOUT, to: UInt32(clamping: options.scriptLimit.components.seconds + 1),
            of: mysql)
        set(
            MYSQL_OPT_WRITE_TIMEOUT, to: UInt32(clamping: options.scriptLimit.components.seconds + 1),
            of: mysql)
        switch address.place {
        case .unix: set(MYSQL_OPT_PROTOCOL, to: MYSQL_PROTOCOL_SOCKET.rawValue, of: mysql)
        case .tcp:
            set(MYSQL_OPT_PROTOCOL, to: MYSQL_PROTOCOL_TCP.rawValue, of: mysql)
            setUp(mysql, for: address.tls)
        }
    }

    private static func setUp(_ mysql: UnsafeMutablePointer<MYSQL>, for tls: MySQLTLS) {
        set(MYSQL_OPT_SSL_ENFORCE, to: my_bool(tls.mode == .disabled ? 0 : 1), of: mysql)
        set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, to: my_bool(tls.mode == .verifyFull ? 1 : 0), of: mysql)
        guard tls.mode != .disabled else { return }
        if let file = tls.authorities { mysql_options(mysql, MYSQL_OPT_SSL_CA, file) }
        if let file = tls.certificate { mysql_options(mysql, MYSQL_OPT_SSL_CERT, file) }
        if let file = tls.key { mysql_options(mysql, MYSQL_OPT_SSL_KEY, file) }
        if let file = tls.revoked { mysql_options(mysql, MYSQL_OPT_SSL_CRL, file) }
    }

    private static func set<Value: BitwiseCopyable>(
        _ option: mysql_option, to value: Value, of mysql: UnsafeMutablePointer<MYSQL>
    ) {
        withUnsafePointer(to: value) { _ = mysql_options(mysql, option, $0) }
    }
}
