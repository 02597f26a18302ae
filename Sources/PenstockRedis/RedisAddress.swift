/// Where a Redis server is, and who we are there.
///
///     redis://[user[:password]@]host[:port][/db]
///     redis+unix:///path/to.sock[?db=N&user=…&password=…]
///     redis+sentinel://[user[:password]@]host[:port],host[:port]…/master[/db]
///     redis+cluster://[user[:password]@]host[:port],host[:port]…
///
/// Parts may be percent-encoded. A host of IPv6 stands in brackets. User and password are those of the Redis servers; a
/// sentinel is told them only if it asks for some.
package struct RedisAddress: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        case tcp(host: String, port: UInt16)
        case unix(path: String)
        /// Whichever server is the master of that name now: these sentinels know.
        case sentinels([Node], master: String)
        /// Whichever node of a cluster serves that slot now: these are some of its nodes. See ``serving(prefix:)``.
        case cluster([Node], slot: UInt16)
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
            return "redis://\(credentials)\(Node(host: host, port: port))/\(database)"
        case .unix(let path):
            return "redis+unix://\(credentials)\(path)" + (database == 0 ? "" : "?db=\(database)")
        case .sentinels(let sentinels, let master):
            return "redis+sentinel://\(credentials)\(Self.list(sentinels))/\(master)/\(database)"
        case .cluster(let nodes, _):
            return "redis+cluster://\(credentials)\(Self.list(nodes))"
        }
    }
}

extension RedisAddress {
    private static func list(_ nodes: [Node]) -> String { nodes.map(\.description).joined(separator: ",") }
}

extension RedisAddress: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    /// Test reports and `dump` print mirrors: the password must not stand there either.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
