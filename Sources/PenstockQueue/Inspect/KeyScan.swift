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
        let page = try await inspector.page(
            of: RedisCommand(
                "SCAN", cursor, "MATCH", RedisPattern.beginning(with: prefix), "COUNT", Self.pace, "TYPE",
                type))
        self.cursor = page.next
        return page.parts.compactMap(\.asString).map { String($0.dropFirst(prefix.count)) }
            .filter { seen.insert($0).inserted }
    }

    /// All names, sorted.
    mutating func all() async throws(QueueError) -> [String] {
        var names: [String] = []
        while let page = try await next() { names += page }
        return names.sorted()
    }
}

/// Goes through the fields of one hash, a page at a time, each field once.
struct HashScan {
    private static let pace = 1000

    private let inspector: QueueInspector
    private let key: String
    private var cursor: String? = "0"
    private var seen: Set<String> = []

    init(_ key: String, of inspector: QueueInspector) {
        self.inspector = inspector
        self.key = key
    }

    /// The next fields with their values; `nil` after the last. A page may be empty.
    mutating func next() async throws(QueueError) -> [(field: String, value: RedisReply)]? {
        guard let cursor else { return nil }
        let page = try await inspector.page(of: RedisCommand("HSCAN", key, cursor, "COUNT", Self.pace))
        self.cursor = page.next
        return stride(from: 0, to: page.parts.count - 1, by: 2).compactMap { place in
            guard let field = page.parts[place].asString, seen.insert(field).inserted else { return nil }
            return (field, page.parts[place + 1])
        }
    }
}

extension QueueInspector {
    /// What a command of Redis' SCAN family finds, and where it goes on: `nil` at the end.
    fileprivate func page(
        of command: RedisCommand
    ) async throws(QueueError) -> (next: String?, parts: [RedisReply]) {
        let reply = try await ask(command)
        guard let answer = reply.asArray, answer.count == 2, let next = answer[0].asString,
            let parts = answer[1].asArray
        else { throw .unexpected(reply: "\(reply)") }
        return (next == "0" ? nil : next, parts)
    }
}
