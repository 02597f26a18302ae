import PenstockRedis

/// What a Redis server says about itself, by name: `INFO`, and the settings `appendfsync` and `save`.
package struct ServerFacts: Sendable {
    private var values: [String: String] = [:]

    package subscript(name: String) -> String? { values[name] }

    /// - Parameter text: Lines of `name:value`.
    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
    }

    /// How Redis makes room when its memory is full, and what is wrong with that.
    package var eviction: (rule: String, complaint: String?) {
        let policy = self["maxmemory_policy"] ?? "unknown"
        guard policy != "noeviction", policy != "unknown" else { return (policy, nil) }
        let memory = self["maxmemory"] == "0" ? "no maxmemory" : "maxmemory \(self["maxmemory"] ?? "unknown")"
        return (
            "\(policy), \(memory)",
            "when memory is full, Redis throws jobs away; set maxmemory-policy to noeviction"
        )
    }

    fileprivate mutating func add(_ name: String, _ value: String?) {
        values[name] = value
    }
}

extension QueueInspector {
    package func server() async throws(QueueError) -> ServerFacts {
        var facts = ServerFacts(try await ask(RedisCommand("INFO")).asString ?? "")
        for name in ["appendfsync", "save"] { facts.add(name, try await setting(name)) }
        return facts
    }

    /// What it says of its memory alone, which is quickly asked.
    package func memory() async throws(QueueError) -> ServerFacts {
        ServerFacts(try await ask(RedisCommand("INFO", "memory")).asString ?? "")
    }

    package func ping() async throws(QueueError) {
        _ = try await ask(RedisCommand("PING"))
    }

    /// A setting of the server; `nil` where CONFIG is not allowed, as with most hosted ones.
    private func setting(_ name: String) async throws(QueueError) -> String? {
        do {
            return try await ask(RedisCommand("CONFIG", "GET", name)).asArray?.last?.asString
        } catch .refused {
            return nil
        }
    }
}
