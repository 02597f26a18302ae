import PenstockRedis
import PenstockTesting
import Testing

@Suite struct RedisClientTests {
    @Test func `a value comes back byte for byte`() async throws {
        let client = RedisClient(try await TestRedis.shared.address)
        let key = TestRedis.prefix() + "bytes"
        let value = (0...255).map { UInt8($0) } + Array("\r\n$5\r\n\0".utf8)
        #expect(try await client.send(RedisCommand("SET", key, value)) == .status("OK"))
        #expect(try await client.send(RedisCommand("GET", key)) == .bytes(value))
        #expect(try await client.send(RedisCommand("SET", key, [UInt8]())) == .status("OK"))
        #expect(try await client.send(RedisCommand("GET", key)) == .bytes([]))
    }
}
