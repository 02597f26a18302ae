import PenstockModel

/// What a Redis server says about itself, judged by what the store needs.
struct RedisServerInfo {
    private var values: [Substring: Substring] = [:]

    /// - Parameter text: The answer to INFO: lines of `name:value`.
    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
    }

    private func value(_ name: Substring) -> String {
        values[name].map { String($0) } ?? "unknown"
    }

    var version: StoreFact {
        let version = value("redis_version")
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        let isOld = numbers.count >= 2 && (numbers[0], numbers[1]) < (6, 2)
        return StoreFact("version", version, complaint: isOld ? "Redis 6.2 or later is needed" : nil)
    }

    var role: StoreFact {
        let role = value("role")
        return StoreFact(
            "role", role, complaint: role == "slave" ? "this is a replica: it takes no writes" : nil)
    }

    /// Whether Redis may throw away what was saved.
    var eviction: StoreFact {
        let policy = value("maxmemory_policy")
        guard value("maxmemory") != "0" else {
            return StoreFact("eviction", "\(policy), without maxmemory: nothing is evicted")
        }
        let complaint: String? =
            if policy.hasPrefix("allkeys") {
                "when memory is full, Redis throws sessions away; set maxmemory-policy to noeviction"
            } else if policy.hasPrefix("volatile") {
                "when memory is full, Redis throws records of jobs away, and such a job's input would be merged twice; "
                    + "set maxmemory-policy to noeviction"
            } else {
                nil
            }
        return StoreFact("eviction", "\(policy), maxmemory \(value("maxmemory"))", complaint: complaint)
    }

    /// What a restart or a power cut takes.
    func persistence(appendfsync: String?, savePoints: String?) -> StoreFact {
        if value("aof_enabled") == "1" {
            let complaint =
                value("aof_last_write_status") == "err" ? "Redis failed to write its append-only file" : nil
            return StoreFact(
                "persistence", "append-only file, fsync \(appendfsync ?? "unknown")", complaint: complaint)
        }
        if savePoints == "" {
            return StoreFact(
                "persistence", "none",
                complaint: "a restart of Redis loses every session; set appendonly to yes")
        }
        return StoreFact(
            "persistence", "snapshots (save \(savePoints ?? "unknown"))",
            complaint: "a crash of Redis loses what was saved since the last snapshot; set appendonly to yes")
    }

    func complaint(aboutPrefix prefix: String) -> String? {
        guard value("cluster_enabled") == "1", !(prefix.contains("{") && prefix.contains("}")) else {
            return nil
        }
        return "in a cluster the keys of a script have to be in one slot: choose a prefix such as {penstock}:"
    }
}
