/// Why a text is no address of a PostgreSQL database: a sentence that never repeats a password.
package struct PostgresAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ sentence: String) {
        description = sentence
    }
}

extension PostgresAddress {
    package init(_ text: String) throws(PostgresAddressError) {
        var rest = try Self.behindScheme(text)
        let query = rest.firstIndex(of: "?").map { rest[$0...].dropFirst() }
        rest = rest.prefix { $0 != "?" }
        let path = rest.firstIndex(of: "/").map { rest[$0...].dropFirst() }
        rest = rest.prefix { $0 != "/" }
        // A password in which these were not encoded would stand in what follows, and in what is said about it.
        guard query?.contains("@") != true, path?.contains("@") != true else {
            throw PostgresAddressError(
                "A PostgreSQL address holds no '@' behind its first '/' or '?': in a password write '/' as %2F, '?' as %3F "
                    + "and '@' as %40, and elsewhere '@' as %40.")
        }
        var parameters = try PostgresParameters(query ?? "")

        let at = rest.lastIndex(of: "@")
        let credentials = at.map {
            rest[..<$0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        }
        let secret = credentials?.dropFirst().first
        user = try parameters.take("user", or: Self.decoded(credentials?.first, "user"))
        password = try parameters.take("password", or: Self.decoded(secret, "password"))
        database = try parameters.take("dbname", or: Self.decoded(path, "database"))
        servers = try Self.servers(
            in: at.map { rest[rest.index(after: $0)...] } ?? rest, and: &parameters)
        connections = try parameters.takeNumber("connections", in: 1...1_000) ?? Self.defaultConnections
        connectLimit = try parameters.takeNumber("connect_timeout", in: 1...3_600).map { .seconds($0) }
        if servers.count > 1 { parameters.set("target_session_attrs", unlessGiven: "read-write") }
        self.parameters = parameters.values
    }

    private static func behindScheme(_ text: String) throws(PostgresAddressError) -> Substring {
        guard let mark = text.firstRange(of: "://"),
            ["postgres", "postgresql"].contains(text[..<mark.lowerBound].lowercased())
        else {
            throw PostgresAddressError("A PostgreSQL address begins with postgres:// or postgresql://.")
        }
        let rest = text[mark.upperBound...]
        guard !rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw PostgresAddressError(
                "A PostgreSQL address holds no spaces or control characters: write them as %20.")
        }
        guard !rest.contains("#") else {
            throw PostgresAddressError("A PostgreSQL address holds no '#': write it as %23.")
        }
        return rest
    }

    /// They stand in front of the path, or in the parameters `host` and `port`; one port is that of all hosts.
    private static func servers(
        in text: Substring, and parameters: inout PostgresParameters
    ) throws(PostgresAddressError) -> [Server] {
        let hosts = parameters.take("host")?.split(separator: ",", omittingEmptySubsequences: false)
        let ports = parameters.take("port")?.split(separator: ",", omittingEmptySubsequences: false)
        var servers: [Server] = []
        if !text.isEmpty {
            guard hosts == nil else {
                throw PostgresAddressError(
                    "A PostgreSQL address names its hosts in front of the path or as the parameter host, not as both."
                )
            }
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                servers.append(try server(part))
            }
        } else {
            servers = (hosts ?? [""]).map { Server(host: $0.isEmpty ? nil : String($0)) }
        }
        guard let ports else { return servers }
        guard servers.allSatisfy({ $0.port == nil }), ports.count == 1 || ports.count == servers.count else {
            throw PostgresAddressError(
                "The parameter port of a PostgreSQL address gives one port, or one for each host, and only once."
            )
        }
        for index in servers.indices {
            let port = ports[ports.count == 1 ? 0 : index]
            servers[index].port = try checked(port: port.isEmpty ? nil : port)
        }
        return servers
    }

    private static func server(_ text: Substring) throws(PostgresAddressError) -> Server {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else {
                throw PostgresAddressError("The bracket of an IPv6 host is not closed.")
            }
            host = text[..<bracket].dropFirst()
            let tail = text[bracket...].dropFirst()
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw PostgresAddressError("After the bracket of an IPv6 host comes :port or nothing.")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[colon...].dropFirst()
            guard port?.contains(":") == false else {
                throw PostgresAddressError("A host of IPv6 stands in brackets: postgres://[::1]:5432.")
            }
        }
        return Server(host: try decoded(host, "host"), port: try checked(port: port))
    }

    private static func checked(port: Substring?) throws(PostgresAddressError) -> String? {
        guard let port else { return nil }
        guard port.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = UInt16(port), number > 0 else {
            throw PostgresAddressError("The port of a PostgreSQL address is a number from 1 to 65535.")
        }
        return String(number)
    }

    /// Nil for no text and for an empty one.
    static func decoded(_ text: Substring?, _ part: String) throws(PostgresAddressError) -> String? {
        guard let text else { return nil }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal),
                let low = rest.popFirst().flatMap(hexadecimal)
            else {
                throw PostgresAddressError(
                    "The \(part) of a PostgreSQL address has a '%' without two hex digits.")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw PostgresAddressError(
                "The \(part) of a PostgreSQL address is not UTF-8, or holds a zero byte.")
        }
        return decoded.isEmpty ? nil : decoded
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
