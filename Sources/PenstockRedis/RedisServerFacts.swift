/// What a Redis server says about itself, and what is wrong with that for those who keep in it what must not be lost.
package struct RedisServerFacts: Sendable {
    /// What somebody keeps there, which decides how a loss is told.
    package enum Contents: Sendable {
        case jobs, sessions
    }

    package struct Fact: Equatable, Sendable {
        package let value: String
        /// Nil where nothing is wrong.
        package let complaint: String?
    }

    private var values: [Substring: Substring] = [:]

    /// - Parameters:
    ///   - info: The answer to `INFO`: lines of `name:value`.
    ///   - settings: What `CONFIG GET` says, by the settings' names.
    init(info: String, settings: [String: String] = [:]) {
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
        for (name, value) in settings { values[name[...]] = value[...] }
    }

    package subscript(name: String) -> String? { values[name[...]].map { String($0) } }

    private func value(_ name: String) -> String { self[name] ?? "unknown" }

    package var version: Fact {
        let version = value("redis_version")
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        let isOld = numbers.count >= 2 && (numbers[0], numbers[1]) < (6, 2)
        return Fact(value: version, complaint: isOld ? "Redis 6.2 or later is needed" : nil)
    }

    package var role: Fact {
        let role = value("role")
        return Fact(
            value: role, complaint: role == "slave" ? "this is a replica: it takes no writes" : nil)
    }

    /// How Redis makes room when its memory is full. A limit may be set, or be the host's, at any time: one that is not set excuses nothing.
    package func eviction(of contents: Contents) -> Fact {
        let policy = value("maxmemory_policy")
        guard policy != "noeviction", policy != "unknown" else { return Fact(value: policy, complaint: nil) }
        let lost =
            switch contents {
            case _ where policy.hasPrefix("volatile"):
                "what is to expire, such as locks and the records of jobs,"
            case .jobs: "jobs"
            case .sessions: "sessions"
            }
        let limit = value("maxmemory")
        return Fact(
            value: "\(policy), \(limit == "0" ? "no maxmemory" : "maxmemory \(limit)")",
            complaint: "when memory is full, Redis throws \(lost) away; set maxmemory-policy to noeviction")
    }

    /// What a restart or a power cut takes.
    package func persistence(of contents: Contents) -> Fact {
        let fsync = value("appendfsync")
        if self["aof_enabled"] == "1" {
            let complaint: String? =
                if self["aof_last_write_status"] == "err" {
                    "Redis failed to write its append-only file"
                } else if fsync == "no" {
                    "a power cut loses what the system had not written yet; set appendfsync to everysec or always"
                } else {
                    nil
                }
            return Fact(value: "append-only file, fsync \(fsync)", complaint: complaint)
        }
        let save = value("save")
        if save.isEmpty {
            let lost = contents == .jobs ? "every job that has not ended" : "every session"
            return Fact(value: "none", complaint: "a restart of Redis loses \(lost); set appendonly to yes")
        }
        let lost = contents == .jobs ? "the jobs" : "what was saved"
        return Fact(
            value: "snapshots (save \(save))",
            complaint: "a crash of Redis loses \(lost) since the last snapshot; set appendonly to yes")
    }

    /// Whether keys that begin so can be used together; nil where the server is no cluster.
    package func cluster(prefix: String) -> Fact? {
        guard self["cluster_enabled"] == "1" else { return nil }
        return Fact(
            value: "prefix \(prefix)",
            complaint: RedisSlot.tag(of: prefix) != nil
                ? nil : "the keys of a script have to be in one slot: choose a prefix such as {penstock}:")
    }
}

extension RedisClient {
    package func serverFacts() async throws(RedisError) -> RedisServerFacts {
        let info = try await send(RedisCommand("INFO")).asString ?? ""
        var settings: [String: String] = [:]
        for name in ["appendfsync", "save"] { settings[name] = try await setting(name) }
        return RedisServerFacts(info: info, settings: settings)
    }

    /// What it says of its memory alone, which is quickly asked.
    package func memoryFacts() async throws(RedisError) -> RedisServerFacts {
        RedisServerFacts(info: try await send(RedisCommand("INFO", "memory")).asString ?? "")
    }

    /// A setting of the server; `nil` where CONFIG is not allowed, as with most hosted ones.
    private func setting(_ name: String) async throws(RedisError) -> String? {
        do {
            return try await send(RedisCommand("CONFIG", "GET", name)).asArray?.last?.asString
        } catch .refused {
            return nil
        }
    }
}
