package import PenstockRedis

extension QueueInspector {
    package func server() async throws(QueueError) -> RedisServerFacts {
        try await asking { client throws(RedisError) in try await client.serverFacts() }
    }

    /// What it says of its memory alone, which is quickly asked.
    package func memory() async throws(QueueError) -> RedisServerFacts {
        try await asking { client throws(RedisError) in try await client.memoryFacts() }
    }

    package func ping() async throws(QueueError) {
        _ = try await ask(RedisCommand("PING"))
    }
}
