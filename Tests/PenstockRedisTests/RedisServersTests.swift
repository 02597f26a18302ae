import PenstockRedis
import PenstockTesting
import Testing

@Suite struct RedisServersTests {
    @Test func `a password opens the server, over TCP and the Unix socket`() async throws {
        let port = try TestRedis.freePort()
        let redis = try await TestRedis.start(
            port: port, options: ["--requirepass", "se cret@"], password: "se cret@")
        let client = RedisClient(redis.address)
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        for host in ["127.0.0.1", "localhost"] {
            let tcp = RedisClient(try RedisAddress("redis://:se%20cret%40@\(host):\(port)/2"))
            _ = try await tcp.send(RedisCommand("SET", "where", host))
            #expect(try await tcp.send(RedisCommand("CLIENT", "INFO")).asString?.contains("db=2") == true)
        }
        #expect(try await client.send(RedisCommand("GET", "where")) == .null)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a wrong password is refused at once, and not told`() async throws {
        let redis = try await TestRedis.start(options: ["--requirepass", "right"], password: "right")
        var address = redis.address
        address.password = "hush"
        let patient = RedisSettings(commandLimit: .seconds(3600))
        let wrong = await #expect(throws: RedisError.self) {
            try await RedisClient(address, settings: patient).send(RedisCommand("PING"))
        }
        #expect(wrong?.code == "WRONGPASS")
        address.password = nil
        let error = await #expect(throws: RedisError.self) {
            try await RedisClient(address).send(RedisCommand("PING"))
        }
        #expect(error?.code == "NOAUTH")
        let blocking = #expect(throws: RedisError.self) {
            try RedisBlockingConnection(address).send(RedisCommand("PING"))
        }
        #expect(blocking?.code == "NOAUTH")
    }

    @Test func `a user of the access list is known by name`() async throws {
        let redis = try await TestRedis.start(
            options: ["--user", "ada", "on", ">pw", "~*", "+@all", "-client", "--user", "default", "off"],
            user: "ada",
            password: "pw")
        let client = RedisClient(redis.address, settings: RedisSettings(clientName: "may-not"))
        #expect(try await client.send(RedisCommand("ACL", "WHOAMI")).asString == "ada")
        #expect(
            try RedisBlockingConnection(redis.address).send(RedisCommand("ACL", "WHOAMI")).asString == "ada")
    }

    @Test func `the database is the address's, again after a reconnection`() async throws {
        let redis = try await TestRedis.start(database: 5)
        let client = RedisClient(redis.address, settings: RedisSettings(clientName: "named"))
        for _ in 0..<2 {
            let info = try await client.send(RedisCommand("CLIENT", "INFO")).asString ?? ""
            #expect(info.contains("db=5") && info.contains("name=named"))
            client.rebuild()
        }
    }

    @Test func `a database that does not exist is refused`() async throws {
        var address = try await TestRedis.shared.address
        address.database = 1_000_000
        let error = await #expect(throws: RedisError.self) { try await RedisClient(address).connect() }
        #expect(error?.code == "ERR")
    }

    @Test func `a full server is waited for`() async throws {
        let redis = try await TestRedis.start(options: ["--maxclients", "1"])
        let first = RedisConnection(redis.address)
        _ = try await first.send(RedisCommand("PING"), limit: .seconds(5))
        let quick = RedisSettings(commandLimit: .milliseconds(300))
        let impatient = RedisClient(redis.address, settings: quick)
        #expect(
            await Outcome { () async throws(RedisError) in try await impatient.connect() } == .unavailable)
        await impatient.close()
        let second = RedisClient(redis.address)
        async let connected: Void = second.connect()
        await first.close()
        try await connected
    }
}
