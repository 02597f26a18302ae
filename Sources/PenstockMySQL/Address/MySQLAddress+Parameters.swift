extension MySQLAddress {
    /// What may stand behind the `?`.
    package enum Parameter: String, Sendable, CaseIterable {
        /// In seconds.
        case connectTimeout = "connect_timeout"
        case connections
        case socket
        case authorities = "ssl_ca"
        case certificate = "ssl_cert"
        case revoked = "ssl_crl"
        case key = "ssl_key"
        case mode = "sslmode"
    }

    mutating func setParameters(_ text: Substring) throws(MySQLAddressError) {
        var seen: Set<Parameter> = []
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0], "parameter")
            guard let parameter = Parameter(rawValue: name) else {
                let known = Parameter.allCases.map(\.rawValue).joined(separator: ", ")
                throw MySQLAddressError("A MySQL address knows the parameters \(known), not '\(name)'.")
            }
            guard seen.insert(parameter).inserted else {
                throw MySQLAddressError("A MySQL address has the parameter \(name) only once.")
            }
            try set(parameter, to: try Self.decoded(parts.count == 2 ? parts[1] : "", name))
        }
        guard tls.mode != .verifyAuthority || tls.authorities != nil else {
            throw MySQLAddressError("The parameter sslmode=verify-ca needs ssl_ca, the authorities to trust.")
        }
        guard (tls.certificate == nil) == (tls.key == nil) else {
            throw MySQLAddressError("The parameters ssl_cert and ssl_key are given together or not at all.")
        }
    }

    private mutating func set(_ parameter: Parameter, to text: String) throws(MySQLAddressError) {
        switch parameter {
        case .connectTimeout: connectTimeout = .seconds(try Self.number(text, of: parameter, upTo: 3_600))
        case .connections: connections = try Self.number(text, of: parameter, upTo: 1_000)
        case .socket: place = try Self.unix(text)
        case .authorities: tls.authorities = try Self.path(text, of: parameter)
        case .certificate: tls.certificate = try Self.path(text, of: parameter)
        case .revoked: tls.revoked = try Self.path(text, of: parameter)
        case .key: tls.key = try Self.path(text, of: parameter)
        case .mode: tls.mode = try Self.mode(text)
        }
    }

    private static func number(
        _ text: String, of parameter: Parameter, upTo most: Int
    ) throws(MySQLAddressError) -> Int {
        guard let number = Int(text), (1...most).contains(number) else {
            throw MySQLAddressError(
                "The parameter \(parameter.rawValue) is a number from 1 to \(most), not '\(text)'.")
        }
        return number
    }

    private static func path(_ text: String, of parameter: Parameter) throws(MySQLAddressError) -> String {
        guard !text.isEmpty else {
            throw MySQLAddressError("The parameter \(parameter.rawValue) is the path of a file.")
        }
        return text
    }

    private static func mode(_ text: String) throws(MySQLAddressError) -> MySQLTLS.Mode {
        guard let mode = MySQLTLS.Mode(rawValue: text) else {
            let known = MySQLTLS.Mode.allCases.map(\.rawValue).joined(separator: ", ")
            throw MySQLAddressError("The parameter sslmode is one of \(known), not '\(text)'.")
        }
        return mode
    }
}
