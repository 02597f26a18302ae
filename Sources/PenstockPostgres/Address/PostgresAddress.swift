/// Which PostgreSQL server, which of its databases, and who we are there.
///
///     postgres://[user[:password]@][host][:port][,host[:port]…][/database][?parameter=value&…]
///
///     postgres://penstock:secret@db.example.org/flows?sslmode=verify-full&connections=8
///     postgres://penstock@/flows?host=/run/postgresql&port=5433
///     postgres://penstock@%2Frun%2Fpostgresql/flows
///     postgres://penstock@one,two:5433/flows
///
/// Parts may be percent-encoded. A host that begins with a slash is the folder of a Unix socket. Several hosts are tried in
/// order, until one that can be written to lets us in. What is left out is found as `psql` finds it: in the environment
/// (`PGHOST`, `PGPASSWORD` …), the password file and the service file.
package struct PostgresAddress: Hashable, Sendable {
    /// One server; libpq finds what is nil.
    struct Server: Hashable, Sendable {
        var host: String?
        var port: String?
    }

    /// At least one.
    let servers: [Server]
    let user: String?
    let password: String?
    let database: String?
    /// What else libpq is told, by its keywords.
    let parameters: [String: String]
    /// For each server, where the address says so.
    let connectLimit: Duration?
    /// The most connections that a pool may have.
    package let connections: Int

    package static let defaultConnections = 4

    /// What must not stand in any message.
    var secrets: [String] { [password, parameters["sslpassword"]].compactMap(\.self) }
}

/// The address without its secrets: fit for logs.
extension PostgresAddress: CustomStringConvertible {
    package var description: String {
        let credentials = user.map { $0 + (password == nil ? "" : ":***") + "@" } ?? ""
        let path = "/" + (database ?? "")
        if servers.allSatisfy({ $0.host?.hasPrefix("/") != true }) {
            return "postgres://\(credentials)\(servers.map(\.description).joined(separator: ","))\(path)"
        }
        let hosts = servers.map { $0.host ?? "" }.joined(separator: ",")
        let ports = servers.map { $0.port ?? "" }.joined(separator: ",")
        return "postgres://\(credentials)\(path)?host=\(hosts)"
            + (servers.contains { $0.port != nil } ? "&port=\(ports)" : "")
    }
}

extension PostgresAddress: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    /// Test reports and `dump` print mirrors: the password must not stand there either.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}

extension PostgresAddress.Server: CustomStringConvertible {
    var description: String {
        let host = host ?? ""
        return (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
    }
}
