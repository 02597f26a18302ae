import PenstockRedis
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisClusterTests {
    let add = RedisScript(name: "add", source: "return redis.call('INCRBY', KEYS[1], ARGV[1])")
    let prefix = TestCluster.prefix()

    @Test(arguments: [[0], [1], [1, 0]])
    func `any node tells where the slot is`(_ named: [Int]) async throws {
        let cluster = try await TestCluster.start()
        let client = RedisClient(try cluster.address(naming: named, prefix: prefix))
        #expect(try await client.run(add, keys: [prefix + "n"], arguments: [2]) == .integer(2))
        // Not by a detour: what has no key must go to the node that has ours.
        #expect(client.state == .connected(generation: 1))
        #expect(try await client.send(RedisCommand("CLUSTER", "MYID")).asString == cluster.id(of: 0))
    }

    @Test func `nodes with a password are asked with it`() async throws {
        let cluster = try await TestCluster.start(password: "hush")
        let address = try cluster.address(prefix: prefix, password: "hush")
        #expect(try await RedisClient(address).send(RedisCommand("SET", prefix + "n", 1)) == .status("OK"))
        let nobody = RedisBlockingConnection(try cluster.address(prefix: prefix))
        let error = #expect(throws: RedisError.self) { try nobody.send(RedisCommand("PING")) }
        #expect("\(String(describing: error))".contains("NOAUTH"))
    }

    @Test func `a slot that has moved is followed, by commands in their order and by scripts`() async throws {
        let cluster = try await TestCluster.start()
        let address = try cluster.address(prefix: prefix)
        let client = RedisClient(address)
        let blocking = RedisBlockingConnection(address)
        let key = prefix + "n"
        #expect(try await client.run(add, keys: [key], arguments: [1]) == .integer(1))
        #expect(try blocking.run(add, keys: [key], arguments: [1]) == .integer(2))
        try await cluster.move(prefix)
        let results = await client.sendAll((0..<100).map { _ in RedisCommand("INCR", key) })
        #expect(results == (3...102).map { .success(.integer($0)) })
        #expect(try await client.run(add, keys: [key], arguments: [1]) == .integer(103))
        #expect(try blocking.run(add, keys: [key], arguments: [1]) == .integer(104))
        #expect(try await client.send(RedisCommand("CLUSTER", "MYID")).asString == cluster.id(of: 1))
        #expect(client.state == .connected(generation: 2))
        // And back, for those who were told once already.
        try await cluster.move(prefix, from: 1, to: 0)
        #expect(try blocking.send(RedisCommand("INCR", key)) == .integer(105))
        #expect(try await client.send(RedisCommand("INCR", key)) == .integer(106))
    }

    @Test func `a listener follows the slot too`() async throws {
        let cluster = try await TestCluster.start()
        let address = try cluster.address(prefix: prefix)
        let (queue, name) = (prefix + "queue", "listener")
        let listener = RedisConnection(address, settings: RedisSettings(clientName: name))
        async let element = listener.send(
            RedisCommand("BLMOVE", queue, queue, "RIGHT", "RIGHT", 60), limit: .seconds(70))
        try await cluster.nodes[0].client.wait(until: name, isAt: "blmove")
        try await cluster.move(prefix)
        try await cluster.nodes[1].client.wait(until: name, isAt: "blmove")
        _ = try await cluster.nodes[1].client.send(RedisCommand("LPUSH", queue, "job"))
        #expect(try await element.asString == "job")
    }

    @Test func `while the slot is being moved commands find their keys, and scripts wait whole`() async throws
    {
        let cluster = try await TestCluster.start()
        let address = try cluster.address(prefix: prefix)
        let client = RedisClient(address)
        let blocking = RedisBlockingConnection(address)
        let (key, second) = (prefix + "n", prefix + "second")
        // The second key is not named: in the middle of a move it would be missing here.
        let both = RedisScript(
            name: "both",
            source: "redis.call('INCR', KEYS[1]) return redis.call('INCR', ARGV[1] .. 'second')")
        let run = { () async throws(RedisError) in
            try await client.run(both, keys: [key], arguments: [prefix])
        }
        #expect(try await run() == .integer(1))
        try await cluster.beginToMove(prefix)
        // Both keys are still here.
        #expect(await Outcome(of: run) == .unavailable)
        #expect(try await client.send(RedisCommand("GET", key)).asInt == 1)
        try await cluster.moveKeys(prefix)
        #expect(await Outcome(of: run) == .unavailable)
        #expect(
            await Outcome { () throws(RedisError) in
                try blocking.run(both, keys: [key], arguments: [prefix])
            } == .unavailable)
        #expect(try await client.send(RedisCommand("GET", key)).asInt == 1)
        #expect(try await client.send(RedisCommand("INCR", key)) == .integer(2))
        #expect(try blocking.send(RedisCommand("INCR", key)) == .integer(3))
        #expect(try await client.send(RedisCommand("SET", prefix + "new", "x")) == .status("OK"))
        #expect(client.state == .connected(generation: 1))
        try await cluster.endMove(prefix)
        #expect(try await run() == .integer(2))
        #expect(try await client.send(RedisCommand("MGET", key, second)).asArray?.map(\.asInt) == [4, 2])
        #expect(try blocking.send(RedisCommand("GET", prefix + "new")).asString == "x")
    }

    @Test func `a cluster without the slot's node is unavailable`() async throws {
        let cluster = try await TestCluster.start()
        let quick = RedisSettings(connectLimit: .milliseconds(500), commandLimit: .milliseconds(500))
        // The other node goes on to believe what it was told.
        let client = RedisClient(try cluster.address(naming: [0], prefix: prefix), settings: quick)
        try await client.connect()
        _ = try await cluster.nodes[0].client.send(
            RedisCommand("CLUSTER", "DELSLOTS", Int(RedisSlot.number(of: RedisSlot.tag(of: prefix) ?? ""))))
        let command = RedisCommand("GET", prefix + "n")
        #expect(
            await Outcome { () async throws(RedisError) in try await client.send(command) } == .unavailable)
        let error = await #expect(throws: RedisError.self) { try await client.send(command) }
        guard case .unavailable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("no node of the cluster serves slot"), "\(reason)")
    }
}
