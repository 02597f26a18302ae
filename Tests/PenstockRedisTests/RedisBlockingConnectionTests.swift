import PenstockRedis
import PenstockTesting
import Testing

@Suite struct RedisBlockingConnectionTests {
    @Test func `commands and scripts are answered, over both kinds of sockets`() async throws {
        let port = try TestRedis.freePort()
        let redis = try await TestRedis.start(port: port, database: 3)
        let script = RedisScript(name: "set", source: "return redis.call('SET', KEYS[1], ARGV[1])")
        for address in [redis.address, try RedisAddress("redis://localhost:\(port)/3")] {
            let connection = RedisBlockingConnection(address, settings: RedisSettings(clientName: "beat"))
            let value: [UInt8] = [0, 13, 10, 255]
            #expect(try connection.run(script, keys: ["k"], arguments: [value]) == .status("OK"))
            #expect(try connection.send(RedisCommand("GET", "k")) == .bytes(value))
            let info = try connection.send(RedisCommand("CLIENT", "INFO")).asString ?? ""
            #expect(info.contains("db=3") && info.contains("name=beat"))
            _ = try connection.send(RedisCommand("SCRIPT", "FLUSH"))
            #expect(try connection.run(script, keys: ["k"], arguments: ["v"]) == .status("OK"))
            let error = #expect(throws: RedisError.self) { try connection.send(RedisCommand("LLEN", "k")) }
            #expect(error?.code == "WRONGTYPE")
            let subscription = #expect(throws: RedisError.self) {
                try connection.send(RedisCommand("SUBSCRIBE", "k"))
            }
            #expect(subscription?.code == "this")
            connection.close()
            #expect(try connection.send(RedisCommand("PING")) == .status("PONG"))
        }
    }

    @Test func `a silent server is given up after the limit`() async throws {
        let redis = try await TestRedis.start()
        let limits = RedisSettings(connectLimit: .milliseconds(200), commandLimit: .milliseconds(200))
        let connection = RedisBlockingConnection(redis.address, settings: limits)
        _ = try connection.send(RedisCommand("PING"))
        redis.suspend()
        let error = #expect(throws: RedisError.self) { try connection.send(RedisCommand("INCR", "x")) }
        #expect(error == .unknownEffect(reason: "no reply within the time limit"))
        let next = #expect(throws: RedisError.self) { try connection.send(RedisCommand("PING")) }
        #expect(
            next == .unavailable(reason: "no connection to \(redis.address): no reply within the time limit"))
        redis.resume()
        // The server may take its time to wake; it has the command's own limit then.
        let patient = RedisBlockingConnection(redis.address)
        #expect(try patient.send(RedisCommand("PING")) == .status("PONG"))
    }

    @Test func `nobody at the address is told at once`() throws {
        let connection = RedisBlockingConnection(try RedisAddress("redis+unix:///tmp/penstock-no-such.sock"))
        let error = #expect(throws: RedisError.self) { try connection.send(RedisCommand("PING")) }
        guard case .unavailable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("No such file"))
    }
}
