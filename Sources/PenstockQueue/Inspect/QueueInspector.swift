package import PenstockModel
package import PenstockRedis

/// What administrators and producers ask of the queue, while its workers go on.
///
/// Nothing here holds a lock or blocks a worker. Listings go through Redis' keys piece by piece (`SCAN`), so that what
/// changes meanwhile may be seen or missed.
package struct QueueInspector: Sendable {
    package let keys: QueueKeys
    package let settings: QueueSettings
    let client: RedisClient

    package init(keys: QueueKeys, settings: QueueSettings, client: RedisClient) {
        self.keys = keys
        self.settings = settings
        self.client = client
    }

    func ask(_ command: RedisCommand) async throws(QueueError) -> RedisReply {
        try await asking { client throws(RedisError) in try await client.send(command) }
    }

    func asking<Answer>(
        _ ask: (RedisClient) async throws(RedisError) -> Answer
    ) async throws(QueueError) -> Answer {
        do {
            return try await ask(client)
        } catch {
            throw QueueError(error)
        }
    }

    /// Asks all of it in one write.
    func askAll(_ commands: [RedisCommand]) async throws(QueueError) -> [RedisReply] {
        var replies: [RedisReply] = []
        for result in await client.sendAll(commands) {
            do {
                replies.append(try result.get())
            } catch {
                throw QueueError(error)
            }
        }
        return replies
    }

    func run(
        _ script: RedisScript, on key: String, _ arguments: RedisArguments
    ) async throws(QueueError) -> RedisReply {
        try await asking { client throws(RedisError) in
            try await client.run(script, keys: [key], arguments: arguments)
        }
    }

    /// The time by Redis' clock.
    package func serverTime() async throws(QueueError) -> Timestamp {
        try await client.serverTime()
    }
}

extension RedisClient {
    func serverTime() async throws(QueueError) -> Timestamp {
        let reply: RedisReply
        do {
            reply = try await send(RedisCommand("TIME"))
        } catch {
            throw QueueError(error)
        }
        guard let parts = reply.asArray, parts.count == 2, let seconds = parts[0].asInt,
            let microseconds = parts[1].asInt
        else { throw .unexpected(reply: "TIME: \(reply)") }
        return Timestamp(microseconds: Int64(seconds) * 1_000_000 + Int64(microseconds))
    }
}
