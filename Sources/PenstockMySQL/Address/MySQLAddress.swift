/// Where a MySQL or MariaDB server is, who we are there, and which of its databases is ours.
///
///     mysql://[user[:password]@]host[:port]/database[?sslmode=…&…]
///     mysql://[user[:password]@]/database?socket=/run/mysqld/mysqld.sock
///     mysql://[user[:password]@]%2Frun%2Fmysqld%2Fmysqld.sock/database
///
/// `mariadb://` means the same. Parts may be percent-encoded; a host of IPv6 stands in brackets. `localhost` is a host like
/// any other: a Unix socket is used where its path is given. ``parameters`` lists what may stand behind the `?`.
package struct MySQLAddress: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        case tcp(host: String, port: UInt16)
        case unix(path: String)
    }

    package var place: Place
    /// Without one, the name of the system's user that this process runs as.
    package var user: String?
    package var password: String?
    /// Without one nothing can be stored; a server can be looked at all the same.
    package var database: String?
    package var tls = MySQLTLS()
    /// How long the server may take until it has let us in; nil for ``MySQLOptions/connectLimit``.
    package var connectTimeout: Duration?
    /// The most connections that are open at once.
    package var connections = 4

    /// Whether TLS may stand between, if the server offers it.
    var mayUseTLS: Bool {
        if case .tcp = place { tls.mode != .disabled } else { false }
    }

    package init(place: Place, user: String? = nil, password: String? = nil, database: String? = nil) {
        self.place = place
        self.user = user
        self.password = password
        self.database = database
    }

    /// What `sun_path` of a Unix socket's address holds besides its closing zero.
    static let longestPath = 107
}

extension MySQLAddress {
    /// Where the server is, for people.
    var server: String {
        switch place {
        case .tcp(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unix(let path): path
        }
    }

    /// The address without user and password.
    var location: String { text(credentials: "") }

    private func text(credentials: String) -> String {
        let name = database ?? ""
        return switch place {
        case .tcp: "mysql://\(credentials)\(server)/\(name)"
        case .unix: "mysql://\(credentials)/\(name)?socket=\(server)"
        }
    }
}

/// The address with its password covered: fit for logs.
extension MySQLAddress: CustomStringConvertible {
    package var description: String {
        text(credentials: user.map { password == nil ? "\($0)@" : "\($0):***@" } ?? "")
    }
}

extension MySQLAddress: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    /// Test reports and `dump` print mirrors: the password must not stand there either.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
