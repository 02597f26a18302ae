package import PenstockModel
import PenstockRedis

extension RedisCheckpointer {
    package func ping() async throws(CheckpointerError) -> [StoreFact] {
        let beforePing = ContinuousClock.now
        _ = try await send(RedisCommand("PING"))
        let latency = ContinuousClock.now - beforePing
        let server = try await reaching { client throws(RedisError) in try await client.serverFacts() }
        return [
            StoreFact("store", "Redis at \(client.address)"),
            StoreFact(
                "prefix", keys.prefix, complaint: server.cluster(prefix: keys.prefix)?.complaint),
            StoreFact("version", server.version),
            StoreFact("role", server.role),
            StoreFact("eviction", server.eviction(of: .sessions)),
            StoreFact("persistence", server.persistence(of: .sessions)),
            StoreFact("round trip", "\(Double(latency.wholeMicroseconds) / 1000) ms"),
        ]
    }
}

extension StoreFact {
    fileprivate init(_ name: String, _ fact: RedisServerFacts.Fact) {
        self.init(name, fact.value, complaint: fact.complaint)
    }
}
