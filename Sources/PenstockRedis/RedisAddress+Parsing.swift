/// Why a text is no address of a Redis server: a sentence that never repeats a password.
package struct RedisAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ sentence: String) {
        description = sentence
    }
}

extension RedisAddress {
    package init(_ text: String) throws(RedisAddressError) {
        guard let colon = text.firstRange(of: "://") else {
            throw RedisAddressError("A Redis address begins with \(Self.schemes).")
        }
        let rest = text[colon.upperBound...]
        guard !rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw RedisAddressError(
                "A Redis address holds no spaces or control characters: write them as %20.")
        }
        guard !rest.contains("#") else {
            throw RedisAddressError("A Redis address holds no '#': write it as %23.")
        }
        switch text[..<colon.lowerBound].lowercased() {
        case "redis": try self.init(tcp: rest)
        case "redis+unix": try self.init(unix: rest)
        case "redis+sentinel": try self.init(sentinels: rest)
        case "redis+cluster": try self.init(cluster: rest)
        case "rediss":
            throw RedisAddressError(
                "rediss:// is not served: hiredis has no TLS here. Put stunnel in front and write redis://.")
        case let scheme:
            throw RedisAddressError(
                "A Redis address begins with \(Self.schemes), not with \(scheme)://.")
        }
    }

    private static let schemes = "redis://, redis+unix://, redis+sentinel:// or redis+cluster://"

    private init(tcp rest: Substring) throws(RedisAddressError) {
        guard !rest.contains("?") else {
            throw RedisAddressError(
                "A redis:// address takes no '?': the database stands in its path, as in /0.")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (credentials, server) = Self.splitCredentials(rest[..<slash])
        let node = try Self.node(server, port: 6379, in: "redis")
        self.init(
            place: .tcp(host: node.host, port: node.port),
            database: try Self.database(rest[slash...].dropFirst()))
        try setCredentials(credentials)
    }

    private init(unix rest: Substring) throws(RedisAddressError) {
        let mark = rest.firstIndex(of: "?") ?? rest.endIndex
        let (credentials, encodedPath) = Self.splitCredentials(rest[..<mark])
        let path = try Self.decoded(encodedPath, "path")
        guard path.hasPrefix("/") else {
            throw RedisAddressError(
                "The path of a redis+unix:// address is absolute: redis+unix:///run/redis.sock.")
        }
        guard path.utf8.count <= Self.longestPath, !path.utf8.contains(0) else {
            throw RedisAddressError(
                "The path of a Unix socket has at most \(Self.longestPath) bytes, this one \(path.utf8.count)."
            )
        }
        self.init(place: .unix(path: path))
        try setCredentials(credentials)
        for pair in rest[mark...].dropFirst().split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1] : ""
            switch parts[0] {
            case "db": database = try Self.database(value)
            case "user": user = try Self.decoded(value, "user")
            case "password": password = try Self.decoded(value, "password")
            case let key:
                throw RedisAddressError(
                    "A redis+unix:// address knows the keys db, user and password, not '\(key)'.")
            }
        }
        guard user == nil || password != nil else { throw RedisAddressError(Self.userAlone) }
    }

    private static let userAlone = "A Redis address that names a user needs a password: user:password@."

    /// The last `@` parts them: a password may hold one that somebody forgot to encode.
    static func splitCredentials(_ text: Substring) -> (credentials: Substring?, rest: Substring) {
        guard let at = text.lastIndex(of: "@") else { return (nil, text) }
        return (text[..<at], text[text.index(after: at)...])
    }

    mutating func setCredentials(_ text: Substring?) throws(RedisAddressError) {
        guard let text, !text.isEmpty else { return }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw RedisAddressError(Self.userAlone) }
        user = parts[0].isEmpty ? nil : try Self.decoded(parts[0], "user")
        password = try Self.decoded(parts[1], "password")
    }

    static func node(
        _ text: Substring, port standard: UInt16, in scheme: String
    ) throws(RedisAddressError) -> Node {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else {
                throw RedisAddressError("The bracket of an IPv6 host is not closed.")
            }
            host = text[text.index(after: text.startIndex)..<bracket]
            let tail = text[text.index(after: bracket)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw RedisAddressError("After the bracket of an IPv6 host comes :port or nothing.")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard port?.contains(":") == false else {
                throw RedisAddressError("A host of IPv6 stands in brackets: redis://[::1]:6379.")
            }
        }
        guard !host.isEmpty else { throw RedisAddressError("A \(scheme):// address needs a host.") }
        guard let port else { return Node(host: try decoded(host, "host"), port: standard) }
        guard let number = UInt16(port), number > 0 else {
            throw RedisAddressError("The port of a Redis address is a number from 1 to 65535.")
        }
        return Node(host: try decoded(host, "host"), port: number)
    }

    static func database(_ text: Substring) throws(RedisAddressError) -> Int {
        guard !text.isEmpty else { return 0 }
        guard let number = Int(text), number >= 0, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            throw RedisAddressError("The database of a Redis address is a number from 0.")
        }
        return number
    }

    static func decoded(_ text: Substring, _ part: String) throws(RedisAddressError) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
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
                throw RedisAddressError("The \(part) of a Redis address has a '%' without two hex digits.")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw RedisAddressError("The \(part) of a Redis address is not UTF-8.")
        }
        return decoded
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
