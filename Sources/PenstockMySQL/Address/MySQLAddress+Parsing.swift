extension MySQLAddress {
    package init(_ text: String) throws(MySQLAddressError) {
        guard let colon = text.firstRange(of: "://") else {
            throw MySQLAddressError("A MySQL address begins with mysql:// or mariadb://.")
        }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "mysql" || scheme == "mariadb" else {
            throw MySQLAddressError(
                "A MySQL address begins with mysql:// or mariadb://, not with \(scheme)://.")
        }
        let rest = text[colon.upperBound...]
        guard !rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw MySQLAddressError(
                "A MySQL address holds no spaces or control characters: write them as %20.")
        }
        guard !rest.contains("#") else {
            throw MySQLAddressError("A MySQL address holds no '#': write it as %23.")
        }
        let mark = rest.firstIndex(of: "?") ?? rest.endIndex
        // An unencoded password that holds one of these would be taken apart there, and parts of it be taken for a name.
        guard !rest[mark...].contains("@") else {
            throw MySQLAddressError(
                "In a user or password a '?' is written %3F, and in a parameter '@' is %40.")
        }
        let slash = rest[..<mark].firstIndex(of: "/") ?? mark
        guard !rest[slash..<mark].dropFirst().contains(where: { $0 == "@" || $0 == "/" }) else {
            throw MySQLAddressError(
                "In the user, password and database of a MySQL address '/' is written %2F and '@' %40.")
        }
        let (credentials, server) = Self.splitCredentials(rest[..<slash])
        self.init(place: try Self.place(server))
        try setCredentials(credentials)
        let name = rest[slash..<mark].dropFirst()
        database = name.isEmpty ? nil : try Self.decoded(name, "database")
        try setParameters(rest[mark...].dropFirst())
        if case .tcp(let host, _) = place, host.isEmpty {
            throw MySQLAddressError("A MySQL address needs a host, or a parameter socket=/path/of/it.")
        }
    }

    /// The last `@` parts them: a password may hold one that somebody forgot to encode.
    private static func splitCredentials(_ text: Substring) -> (credentials: Substring?, rest: Substring) {
        guard let at = text.lastIndex(of: "@") else { return (nil, text) }
        return (text[..<at], text[text.index(after: at)...])
    }

    private mutating func setCredentials(_ text: Substring?) throws(MySQLAddressError) {
        guard let text, !text.isEmpty else { return }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        user = parts[0].isEmpty ? nil : try Self.decoded(parts[0], "user")
        password = parts.count < 2 || parts[1].isEmpty ? nil : try Self.decoded(parts[1], "password")
    }

    private static func place(_ text: Substring) throws(MySQLAddressError) -> Place {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else {
                throw MySQLAddressError("The bracket of an IPv6 host is not closed.")
            }
            host = text[text.index(after: text.startIndex)..<bracket]
            let tail = text[text.index(after: bracket)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw MySQLAddressError("After the bracket of an IPv6 host comes :port or nothing.")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard port?.contains(":") == false else {
                throw MySQLAddressError("A host of IPv6 stands in brackets: mysql://[::1]:3306/database.")
            }
        }
        let name = try decoded(host, "host")
        if name.hasPrefix("/") { return try unix(name) }
        guard let port else { return .tcp(host: name, port: 3306) }
        guard let number = UInt16(port), number > 0 else {
            throw MySQLAddressError("The port of a MySQL address is a number from 1 to 65535.")
        }
        return .tcp(host: name, port: number)
    }

    static func unix(_ path: String) throws(MySQLAddressError) -> Place {
        guard path.hasPrefix("/") else {
            throw MySQLAddressError("The path of a Unix socket is absolute: /run/mysqld/mysqld.sock.")
        }
        guard path.utf8.count <= longestPath else {
            throw MySQLAddressError(
                "The path of a Unix socket has at most \(longestPath) bytes, this one \(path.utf8.count).")
        }
        return .unix(path: path)
    }

    static func decoded(_ text: Substring, _ part: String) throws(MySQLAddressError) -> String {
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
                throw MySQLAddressError("The \(part) of a MySQL address has a '%' without two hex digits.")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw MySQLAddressError("The \(part) of a MySQL address is not UTF-8, or holds a zero byte.")
        }
        return decoded
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
