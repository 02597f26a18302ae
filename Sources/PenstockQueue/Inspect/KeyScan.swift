import PenstockRedis

/// Goes through the names of one kind of key, a page at a time, each name once.
struct KeyScan {
    /// Looked at by Redis in one step: some tenths of a millisecond.
    private static let pace = 1000

    private let inspector: QueueInspector
    private let prefix: String
    private let type: String
    private var cursor: String? = "0"
    private var seen: Set<String> = []

    /// Starts at the keys whose prefix is followed by `kind` (`job`, `queue`), of a type in Redis' words (`hash`, `list`).
    init(_ kind: String, type: String, of inspector: QueueInspector) {
        self.inspector = inspector
        self.type = type
        prefix = inspector.keys.prefix + kind + ":"
    }

    /// The next names, without prefix and kind; `nil` after the last. A page may be empty.
    mutating func next() async throws(QueueError) -> [String]? {
        guard let cursor else { return nil }
        let reply = try await inspector.ask(
            RedisCommand(
                "SCAN", cursor, "MATCH", Self.pattern(for: prefix), "COUNT", Self.pace, "TYPE", type))
        guard let parts = reply.asArray, parts.count == 2, let next = parts[0].asString,
            let keys = parts[1].asArray
        else { throw .unexpected(reply: "SCAN: \(reply)") }
        self.cursor = next == "0" ? nil : next
        return keys.compactMap(\.asString).map { String($0.dropFirst(prefix.count)) }
            .filter { seen.insert($0).inserted }
    }

    /// All names, sorted.
    mutating func all() async throws(QueueError) -> [String] {
        var names: [String] = []
        while let page = try await next() { names += page }
        return names.sorted()
    }

    /// A prefix may hold what a pattern takes for its own: `*?[]^-\`.
    static func pattern(for prefix: String) -> String {
        var pattern = ""
        for character in prefix {
            if "*?[]^-\\".contains(character) { pattern.append("\\") }
            pattern.append(character)
        }
        return pattern + "*"
    }
}
