package import PenstockModel
package import PenstockRedis

/// Something that happened in a session, as its worker told it.
package struct SessionEvent: Sendable {
    /// Its place in the session's stream: milliseconds since 1970 by Redis' clock, and a number.
    package let id: String
    /// `event` is what happened; the others tell of what: `job`, `flow`, `node`, `step` …
    package let fields: [(name: String, value: String)]

    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    package var time: Timestamp? {
        Int64(id.prefix { $0 != "-" }).map { Timestamp(microseconds: $0 * 1000) }
    }

    init?(_ reply: RedisReply) {
        guard let parts = reply.asArray, parts.count == 2, let id = parts[0].asString,
            let words = parts[1].asArray?.compactMap(\.asString), words.count.isMultiple(of: 2)
        else { return nil }
        self.id = id
        fields = stride(from: 0, to: words.count, by: 2).map { (words[$0], words[$0 + 1]) }
    }
}

extension QueueInspector {
    /// Asks the workers to tell what happens in a session, for so long from now on; they notice within a second.
    package func watch(_ session: SessionID, for time: Duration) async throws(QueueError) {
        let until = Int(try await serverTime().advanced(by: time).microseconds / 1000)
        _ = try await ask(RedisCommand("ZADD", keys.watched, until, session.text))
        _ = try await ask(RedisCommand("ZREMRANGEBYSCORE", keys.watched, "-inf", until - 86_400_000))
    }

    /// The place of the last event that was told of a session.
    package func lastEvent(of session: SessionID) async throws(QueueError) -> String {
        let reply = try await ask(
            RedisCommand("XREVRANGE", keys.events(session.text), "+", "-", "COUNT", 1))
        return reply.asArray?.first.flatMap { SessionEvent($0) }?.id ?? "0-0"
    }

    /// Waits for the events of a session after a place, at most so long, over a connection that is for this alone.
    package func events(
        of session: SessionID, after place: String, over connection: RedisConnection, within limit: Duration
    ) async throws(QueueError) -> [SessionEvent] {
        do {
            let reply = try await connection.send(
                RedisCommand(
                    "XREAD", "BLOCK", max(1, limit.wholeMilliseconds), "STREAMS", keys.events(session.text),
                    place), limit: limit + .seconds(5))
            return reply.asArray?.first?.asArray?.last?.asArray?.compactMap { SessionEvent($0) } ?? []
        } catch {
            throw QueueError(error)
        }
    }
}
