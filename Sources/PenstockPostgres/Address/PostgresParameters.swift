import PenstockModel

/// What stands behind the `?` of a ``PostgresAddress``: parameters of libpq's and our own, each checked as far as we can.
struct PostgresParameters {
    private(set) var values: [String: String] = [:]

    /// libpq's keywords that are handed on, and `connections`, `connect_timeout`, which are ours to see to.
    static let known = [
        "host", "port", "user", "password", "dbname", "passfile", "service", "options", "application_name",
        "connections", "connect_timeout", "target_session_attrs", "keepalives", "keepalives_idle",
        "keepalives_interval", "keepalives_count", "tcp_user_timeout", "sslmode", "sslrootcert", "sslcert",
        "sslkey",
        "sslpassword", "sslcrl", "sslcrldir", "sslsni", "ssl_min_protocol_version",
        "ssl_max_protocol_version",
        "channel_binding", "requirepeer", "gssencmode", "krbsrvname",
    ]

    /// Those that take one of a few values. To a server that can only be read from there is nothing for us to go.
    private static let choices = [
        "sslmode": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        "channel_binding": ["disable", "prefer", "require"],
        "gssencmode": ["disable", "prefer", "require"],
        "target_session_attrs": ["any", "read-write", "primary"],
    ]

    init(_ query: Substring) throws(PostgresAddressError) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.checked(name: parts[0])
            guard parts.count == 2 else {
                throw PostgresAddressError(
                    "The parameter \(name) of a PostgreSQL address needs a value: \(name)=….")
            }
            guard values[name] == nil else { throw Self.isGivenTwice(name) }
            guard let value = try PostgresAddress.decoded(parts[1], "parameter \(name)") else { continue }
            if let choices = Self.choices[name], !choices.contains(value) {
                throw PostgresAddressError(
                    "The parameter \(name) of a PostgreSQL address is one of \(choices.joined(separator: ", "))."
                )
            }
            values[name] = value
        }
    }

    private static func checked(name: Substring) throws(PostgresAddressError) -> String {
        let name = String(name)
        if known.contains(name) { return name }
        // Nothing is repeated that might be a piece of something else.
        let isWord =
            (1...40).contains(name.utf8.count) && name.allSatisfy { $0 == "_" || $0.isASCII && $0.isLetter }
        let suggestion = isWord ? Nearest.suggestion(for: name, among: known) : ""
        throw PostgresAddressError(
            "A PostgreSQL address has no parameter \(isWord ? "\"\(name)\"" : "of this name")"
                + (suggestion.isEmpty ? "." : suggestion) + " It knows \(known.joined(separator: ", ")).")
    }

    private static func isGivenTwice(_ name: String) -> PostgresAddressError {
        PostgresAddressError("The \(name) of a PostgreSQL address is given twice.")
    }

    mutating func take(_ name: String) -> String? {
        values.removeValue(forKey: name)
    }

    /// Takes the parameter, where the address has not said it `elsewhere`.
    mutating func take(_ name: String, or elsewhere: String?) throws(PostgresAddressError) -> String? {
        guard let value = take(name) else { return elsewhere }
        guard elsewhere == nil else { throw Self.isGivenTwice(name) }
        return value
    }

    mutating func takeNumber(_ name: String, in range: ClosedRange<Int>) throws(PostgresAddressError) -> Int?
    {
        guard let text = take(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw PostgresAddressError(
                "The parameter \(name) of a PostgreSQL address is a number from \(range.lowerBound) to "
                    + "\(range.upperBound).")
        }
        return number
    }

    mutating func set(_ name: String, unlessGiven value: String) {
        if values[name] == nil { values[name] = value }
    }
}
