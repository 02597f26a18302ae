package import PenstockSQL

extension MySQLConnection {
    package func describe() throws(SQLError) -> SQLDescription {
        let names = Fact.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let answers = try exchange(
            "SELECT VERSION();SHOW GLOBAL VARIABLES WHERE Variable_name IN (\(names))",
            within: options.answerLimit)
        var values: [String: String] = [:]
        for row in answers[1].rows { values[try row.text(at: 0)] = try row.text(at: 1) }
        let isLogging = values[Fact.binaryLog.rawValue] == "ON"
        var facts: [SQLDescription.Fact] = []
        for fact in Fact.allCases {
            guard let value = values[fact.rawValue], isLogging || !fact.isOfBinaryLog else { continue }
            facts.append(.init(fact.rawValue, value, complaint: fact.complaint(about: value)))
        }
        facts.append(encryption)
        return SQLDescription(
            product: handle.isMariaDB ? "MariaDB" : "MySQL", version: try answers[0].rows[0].text(at: 0),
            location: address.location, facts: facts)
    }

    private var encryption: SQLDescription.Fact {
        guard case .tcp(let host, _) = address.place else { return .init("tls", "not on a Unix socket") }
        if let cipher = handle.cipher { return .init("tls", cipher) }
        let isNear = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        return .init(
            "tls", "off",
            complaint: isNear ? nil : "Whoever stands between can read along: ask for sslmode=verify-full.")
    }

    /// What matters to us of a server's settings, by its name for it.
    private enum Fact: String, CaseIterable {
        case flush = "innodb_flush_log_at_trx_commit"
        case doubleWrite = "innodb_doublewrite"
        case binaryLog = "log_bin"
        case binaryLogSync = "sync_binlog"
        case binaryLogFormat = "binlog_format"
        case readOnly = "read_only"
        case engine = "default_storage_engine"
        case largestPacket = "max_allowed_packet"
        case tableNames = "lower_case_table_names"

        var isOfBinaryLog: Bool { self == .binaryLogSync || self == .binaryLogFormat }

        func complaint(about value: String) -> String? {
            switch self {
            case .flush where value == "0":
                "A crash of the server or its host may take back the last second of what was acknowledged."
            case .flush where value != "1":
                "A crash of the server's host may take back the last second of what was acknowledged."
            case .doubleWrite where value == "OFF" || value == "DETECT_ONLY":
                "A loss of power in the middle of a write may leave tables damaged."
            case .binaryLogSync where value != "1":
                "After a crash of the server's host its replicas may lack what was acknowledged, or have more."
            case .binaryLogFormat where value == "STATEMENT":
                "At READ COMMITTED nothing can be written: set binlog_format to ROW or MIXED."
            case .readOnly where value != "OFF" && value != "0": "Nothing can be written here."
            case .engine where value != "InnoDB": "Tables that are made without naming one are not in InnoDB."
            default: nil
            }
        }
    }
}
