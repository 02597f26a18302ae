import PenstockModel
import PenstockRedis

/// A hash of the queue's as it stands in Redis: fields by name.
struct QueueRecord {
    private var fields: [String: [UInt8]] = [:]

    /// Reads what `HGETALL` answered; `nil` if there is no such hash.
    init?(_ reply: RedisReply) {
        guard let parts = reply.asArray, !parts.isEmpty else { return nil }
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            if let name = parts[index].asString { fields[name] = parts[index + 1].asBytes }
        }
    }

    /// Reads what `HMGET` answered for these fields; `nil` if none of them is there.
    init?(_ reply: RedisReply, of names: [String]) {
        guard let values = reply.asArray, values.count == names.count else { return nil }
        for (name, value) in zip(names, values) { fields[name] = value.asBytes }
        if fields.isEmpty { return nil }
    }

    init(_ fields: [String: String]) {
        self.fields = fields.mapValues { Array($0.utf8) }
    }

    /// Reads what `noted` has of a job, as prelude.lua writes it; `nil` if it has nothing.
    init?(note: RedisReply, of id: String) {
        guard let words = note.asString?.split(separator: " ").map(String.init), 3...4 ~= words.count else {
            return nil
        }
        self.init([
            "status": "waiting", "created_at": words[0], "queue": words[1], "flow": words[2],
            "session": words.count == 4 ? words[3] : id,
        ])
    }

    /// Takes what another has and this one has not.
    mutating func add(_ other: QueueRecord?) {
        if let other { fields.merge(other.fields) { own, _ in own } }
    }

    func bytes(_ name: String) -> [UInt8]? { fields[name] }

    /// The field as text, if it is there and not empty.
    func text(_ name: String) -> String? {
        guard let bytes = fields[name], !bytes.isEmpty else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    func int(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

    /// A field that scripts wrote as milliseconds since 1970.
    func time(_ name: String) -> Timestamp? {
        // Lua writes large numbers as 1.7e+12.
        text(name).flatMap { Double($0) }.map { Timestamp(microseconds: Int64($0) * 1000) }
    }

    func words(_ name: String) -> [String] { text(name)?.split(separator: " ").map(String.init) ?? [] }
}
