import PenstockCheckpointers
import PenstockRedis
import PenstockTesting

extension CheckpointerDriver {
    static let redis = CheckpointerDriver("redis", forgetsJobsByItself: true) { use in
        let address = try await TestRedis.shared.address
        // What a pattern means must not leak out of a prefix.
        let prefix = TestRedis.prefix() + "[*]?\\^:"
        let first = RedisCheckpointer(RedisClient(address), prefix: prefix)
        let second = RedisCheckpointer(RedisClient(address), prefix: prefix)
        try await use(first, second)
        await first.close()
        await second.close()
    }
}
