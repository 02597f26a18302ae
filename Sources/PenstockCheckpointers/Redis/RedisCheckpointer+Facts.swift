package import PenstockModel
import PenstockRedis

extension RedisCheckpointer {
    package func ping() async throws(CheckpointerError) -> [StoreFact] {
        let beforePing = ContinuousClock.now
        _ = try await send(RedisCommand("PING"))
        let latency = ContinuousClock.now - beforePing
        let info = RedisServerInfo(try await send(RedisCommand("INFO")).asString ?? "")
        return [
            StoreFact("store", "Redis at \(client.address)"),
            StoreFact("prefix", keys.prefix, complaint: info.complaint(aboutPrefix: keys.prefix)),
            info.version,
            info.role,
            info.eviction,
            info.persistence(
                appendfsync: try await setting("appendfsync"), savePoints: try await setting("save")),
            StoreFact("round trip", "\(Double(latency.wholeMicroseconds) / 1000) ms"),
        ]
    }

    /// A setting of the server; `nil` where CONFIG is not allowed, as with most hosted ones.
    private func setting(_ name: String) async throws(CheckpointerError) -> String? {
        do {
            return try await send(RedisCommand("CONFIG", "GET", name)).asArray?.last?.asString
        } catch .refused {
            return nil
        }
    }
}
