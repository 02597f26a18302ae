/// Where a Redis server is, and who we are there.
///
///     redis://[user[:password]@]host[:port][/db]
///     redis+unix:///path/to.sock[?db=N&user=…&password=…]
///
/// Parts may be percent-encoded. A host of IPv6 stands in brackets.
package struct RedisAddress: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        case tcp(host: String, port: UInt16)
        case unix(path: String)
    }

    package var place: Place
    /// Without one, a password is that of the user `default`.
    package var user: String?
    package var password: String?
    package var database: Int

    package init(place: Place, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.place = place
        self.user = user
        self.password = password
        self.database = database
    }

    /// What `sun_path` of a Unix socket's address holds besides its closing zero; hiredis cuts longer ones silently.
    static let longestPath = 107
}

/// The address with its password covered: fit for logs.
extension RedisAddress: CustomStringConvertible {
    package var description: String {
        let credentials = password == nil ? "" : "\(user ?? ""):***@"
        switch place {
        case .tcp(let host, let port):
            let name = host.contains(":") ? "[\(host)]" : host
            return "redis://\(credentials)\(name):\(port)/\(database)"
        case .unix(let path):
            return "redis+unix://\(credentials)\(path)" + (database == 0 ? "" : "?db=\(database)")
        }
    }
}

extension RedisAddress: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    /// Test reports and `dump` print mirrors: the password must not stand there either.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
