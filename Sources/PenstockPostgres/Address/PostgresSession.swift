/// What a session is told while it is begun, so that it costs no round trip.
///
/// A pooler between us and the server (PgBouncer) drops these settings, or refuses to connect; and one that changes the server
/// between transactions loses prepared statements and the limits below. Connect to the server itself, or to a pool of whole sessions.
struct PostgresSession {
    /// What the texts of answers depend on, as the server reports it. The environment (`PGTZ`, `PGDATESTYLE`) might set it otherwise.
    static let reported = [
        ("client_encoding", "UTF8"), ("standard_conforming_strings", "on"), ("TimeZone", "UTC"),
        ("DateStyle", "ISO, MDY"),
    ]

    let address: PostgresAddress
    let server: PostgresAddress.Server
    let options: PostgresOptions

    var connectLimit: Duration { address.connectLimit ?? options.connectLimit }

    /// libpq's keywords and their values.
    var keywords: [(String, String)] {
        var keywords = [
            // What vanished without a word is noticed: with data under way within the limit of an answer, without after 45 s.
            "tcp_user_timeout": "\(options.answerLimit.milliseconds)",
            "keepalives_idle": "30", "keepalives_interval": "5", "keepalives_count": "3",
            "fallback_application_name": options.applicationName,
            "client_encoding": "UTF8",
        ]
        keywords.merge(address.parameters) { _, given in given }
        keywords["options"] = [address.parameters["options"], settings].compactMap(\.self).joined(
            separator: " ")
        keywords["host"] = server.host
        keywords["port"] = server.port
        keywords["user"] = address.user
        keywords["password"] = address.password
        keywords["dbname"] = address.database
        return keywords.map { ($0.key, $0.value) }
    }

    private var settings: String {
        let settings = [
            "idle_in_transaction_session_timeout": "\(options.longestSilence.milliseconds)",
            "lock_timeout": "\(options.lockLimit.milliseconds)",
            // A commit that waits for a standby would be told as done when this ends the wait. Answers have our own limit.
            "statement_timeout": "0",
            "default_transaction_isolation": #"read\ committed"#,
            "timezone": "UTC", "datestyle": #"ISO,\ MDY"#, "standard_conforming_strings": "on",
            // Texts from which every number and byte can be read back.
            "extra_float_digits": "3", "bytea_output": "hex",
            "client_min_messages": "warning", "plan_cache_mode": "force_generic_plan",
        ]
        return settings.merging(options.settings) { ours, _ in ours }.map { "-c \($0.key)=\($0.value)" }
            .joined(separator: " ")
    }
}

extension Duration {
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
