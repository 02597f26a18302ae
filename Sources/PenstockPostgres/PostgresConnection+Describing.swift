import CPenstockPostgres
package import PenstockSQL

extension PostgresConnection {
    package func describe() throws(SQLError) -> SQLDescription {
        let (settings, standing) = try transaction(.reading) { connection throws(SQLError) in
            let settings = try connection.query(
                """
                SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes',
                'data_checksums', 'server_encoding', 'synchronous_standby_names', 'default_transaction_read_only',
                'max_connections', 'superuser_reserved_connections')
                """)
            let standing = try connection.query(
                "SELECT pg_is_in_recovery(), (SELECT sum(numbackends) FROM pg_stat_database)")
            return (settings, standing)
        }
        var values: [String: String] = [:]
        for row in settings { values[try row.text(at: 0)] = try row.text(at: 1) }
        let isStandby = try standing.first?.integer(at: 0) == 1
        let sessions = try standing.first?.optionalInteger(at: 1) ?? 0
        return SQLDescription(
            product: "PostgreSQL", version: reported("server_version"),
            location: "\(wire.place)/\(PQdb(wire.handle).map { String(cString: $0) } ?? "")",
            facts: durability(values) + [
                .init(
                    "server_encoding", values["server_encoding"] ?? "",
                    complaint: values["server_encoding"] == "UTF8"
                        ? nil : "Texts with characters that this encoding lacks are refused."),
                .init(
                    "read_only", isStandby ? "standby" : values["default_transaction_read_only"] ?? "",
                    complaint: isStandby
                        ? "It is a standby, which nothing can be written to."
                        : values["default_transaction_read_only"] == "on"
                            ? "Somebody has set it so that nothing can be written." : nil),
                encryption,
                room(for: sessions, values),
            ])
    }

    private func durability(_ values: [String: String]) -> [SQLDescription.Fact] {
        let complaints = [
            "fsync": "A crash of the server's host may destroy the database.",
            "synchronous_commit": "A crash of the server may take back what was acknowledged.",
            "full_page_writes":
                "A crash of the server's host may damage the database, unless its file system writes pages whole.",
        ]
        return [
            "fsync", "synchronous_commit", "full_page_writes", "data_checksums", "synchronous_standby_names",
        ].map {
            .init($0, values[$0] ?? "", complaint: values[$0] == "off" ? complaints[$0] : nil)
        }
    }

    private var encryption: SQLDescription.Fact {
        if PQsslInUse(wire.handle) == 1 {
            let version = PQsslAttribute(wire.handle, "protocol").map { String(cString: $0) }
            return .init("encryption", version ?? "TLS")
        }
        let host = PQhost(wire.handle).map { String(cString: $0) } ?? ""
        let isHere = host.hasPrefix("/") || host.hasPrefix("127.") || ["localhost", "::1"].contains(host)
        return .init(
            "encryption", "none",
            complaint: isHere
                ? nil
                : "All that is sent can be read and changed on the way; sslmode=verify-full keeps it private."
        )
    }

    private func room(for sessions: Int64, _ values: [String: String]) -> SQLDescription.Fact {
        let most = values["max_connections"].flatMap { Int64($0) } ?? 0
        let reserved = values["superuser_reserved_connections"].flatMap { Int64($0) } ?? 0
        let isNear = sessions + Int64(address.connections) > most - reserved
        return .init(
            "connections", "\(sessions) of \(most)",
            complaint: isNear
                ? "There is hardly room for another worker: raise max_connections, or lower connections."
                : nil)
    }

    private func reported(_ name: String) -> String {
        PQparameterStatus(wire.handle, name).map { String(cString: $0) } ?? ""
    }
}
