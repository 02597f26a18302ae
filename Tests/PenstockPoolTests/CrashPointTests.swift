import Foundation
import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import PenstockTesting
import Testing

/// Two jobs of one session, the second parked behind the first, each with an attempt that fails, a route and a result. They are run again
/// and again with the worker cut off at each of its commands to Redis and calls of the store: once before the command takes effect, and
/// once after it. A second worker finishes; then the first one comes back.
@Suite struct CrashPointTests {
    private static let messages = ["j", "k"].map {
        #"{"flow":"line","session_id":"s","id":"\#($0)","input":{"log":["\#($0)"]}}"#
    }

    private static func flow(_ ledger: Ledger) -> Flow<Trail> {
        Flow("line", version: 1) {
            for name: NodeName in ["a", "b", "c"] {
                Node(name) { _, context in
                    ledger.note(context.idempotencyKey)
                    if context.node == "b", context.attempt == 1 { throw Broken() }
                    return Update(\.log, [context.node.text])
                }
            }
            Edge(.start, "a")
            Route("a", to: ["b", .end]) { $0.log.last == "a" ? "b" : .end }
            Edge("b", "c")
            Edge("c", .end)
        }
        .attempts(.constant(maxAttempts: 3, delay: .milliseconds(1)))
    }

    /// A worker that runs nothing: it lets what is due come back while the one to be cut off looks after nobody.
    private func mover(_ bench: TestBench) async throws -> RunningPool {
        try await bench.start([]) { $0.queues = ["none"] }
    }

    /// Nothing lost, no step twice, no fork, the order kept, each key's effect asked for at most twice, nothing left behind.
    private func check(_ bench: TestBench, _ ledger: Ledger) async throws {
        let history = try await bench.store.checkpoints(of: "s", limit: 100, before: nil).reversed()
        #expect(history.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(history.map(\.node) == ["a", "b", "c", "a", "b", "c"])
        #expect(history.map { $0.job?.text } == ["j", "j", "j", "k", "k", "k"])
        let epochs = history.compactMap(\.epoch)
        #expect(epochs == epochs.sorted())
        let log = try JSON(parsing: try #require(history.last).state)["log"]?.array?.compactMap(\.string)
        #expect(log == ["j", "a", "b", "c", "k", "a", "b", "c"])
        for job in ["j", "k"] {
            for number in 1...3 {
                // The second node fails once by itself.
                let least = number == 2 ? 2 : 1
                #expect((least...least + 1).contains(ledger.count(of: "\(job):\(number)")))
            }
            let record = try await bench.job(job)
            #expect(record["status"] == "done" && record["attempts"] == "1")
        }
        #expect(ledger.all.count <= 9)
        #expect(try await bench.deadNames().isEmpty)
        #expect(try await bench.unfinished() == 0)
        #expect(try await bench.count("ZCARD", bench.keys.workers) == 0)
        for key in [bench.keys.lock("s"), bench.keys.turn("s")] {
            #expect(try await bench.client.send(RedisCommand("GET", key)).isNull)
        }
    }

    struct StorePoint: Sendable, CustomTestStringConvertible {
        let driver: StoreDriver
        let place: Int
        let isAfter: Bool
        var testDescription: String { "\(driver.name), \(isAfter ? "after" : "before") call \(place)" }

        /// The first look is not taken where the claim has seen that there is nothing.
        static func last(of driver: StoreDriver) -> Int { driver.isTraced ? 9 : 10 }

        static func all(of drivers: [StoreDriver]) -> [StorePoint] {
            drivers.flatMap { driver in
                (1...last(of: driver)).flatMap { place in
                    [false, true].map { StorePoint(driver: driver, place: place, isAfter: $0) }
                }
            }
        }
    }

    @Test(arguments: StorePoint.all(of: StoreDriver.all))
    func `a worker that loses the store at any call does no harm when it comes back`(_ point: StorePoint)
        async throws
    {
        try await point.driver.withBench { bench in
            let ledger = Ledger()
            for message in Self.messages { try await bench.push(message) }
            let cut = CutStore(bench.store, at: point.place, after: point.isAfter)
            let zombieBench = bench.with(store: cut)
            let mover = try await mover(bench)
            let zombie = try await zombieBench.start([Self.flow(ledger)]) { settings in
                settings.fallSilent()
                settings.slots = 1
            }
            try await cut.cut.wait()
            let successor = try await bench.start([Self.flow(ledger)])
            #expect(try await bench.end(of: "k")["status"]?.string == "done")
            cut.release.send()
            await zombie.drain()
            await successor.drain()
            await mover.drain()
            try await check(bench, ledger)
        }
    }

    struct RedisPoint: Sendable, CustomTestStringConvertible {
        let driver: StoreDriver
        let place: Int
        let cut: RedisProxy.Cut
        var testDescription: String { "\(driver.name), \(cut) command \(place)" }

        /// It asks for one more job, and there is none.
        static let last = 17

        /// In another Redis than the store.
        static func all(of drivers: [StoreDriver]) -> [RedisPoint] {
            drivers.filter { !$0.isTraced }.flatMap { driver in
                (1...last).flatMap { place in
                    [RedisProxy.Cut.before, .after].map { RedisPoint(driver: driver, place: place, cut: $0) }
                }
            }
        }
    }

    /// One for all cases: a proxy stands in front of it by its path. It knows the scripts, so that each is sent once.
    private static let redis = Task {
        let redis = try await TestRedis.start()
        let bench = try await TestBench.make(redis: redis.address)
        for message in messages { try await bench.push(message) }
        let pool = try await bench.start([flow(Ledger())])
        _ = try await bench.end(of: "k")
        await pool.drain()
        return redis
    }

    @Test(arguments: RedisPoint.all(of: StoreDriver.all))
    func `a worker that loses Redis at any command does no harm when it comes back`(_ point: RedisPoint)
        async throws
    {
        let redis = try await Self.redis.value
        try await point.driver.withStore { store in
            let bench = try await TestBench.make(store: store, redis: redis.address)
            let proxy = try RedisProxy(to: redis.address, cutting: point.cut, at: point.place)
            let ledger = Ledger()
            for message in Self.messages { try await bench.push(message) }
            let mover = try await mover(bench)
            let zombieBench = bench.with(redis: proxy.address)
            let zombie = zombieBench.pool([Self.flow(ledger)]) { settings in
                settings.fallSilent()
                settings.slots = 1
            }
            let task = Task { await zombie.run() }
            try await bench.until("it is cut off") { proxy.isCut }
            let successor = try await bench.start([Self.flow(ledger)])
            try await bench.until("both are done") {
                let standings = [try await bench.job("j")["status"], try await bench.job("k")["status"]]
                return standings == ["done", "done"]
            }
            proxy.heal()
            zombie.drain()
            await task.value
            await successor.drain()
            await mover.drain()
            try await check(bench, ledger)
        }
    }

    @Test(arguments: StoreDriver.all)
    func `no call of the store comes after the last point`(_ driver: StoreDriver) async throws {
        try await driver.withBench { bench in
            let cut = CutStore(bench.store, at: StorePoint.last(of: driver) + 1)
            try await runToEnd(bench, by: bench.with(store: cut), isIdle: { true }) {
                cut.cut.isSent
            } release: {
                cut.release.send()
            }
        }
    }

    @Test(arguments: StoreDriver.all.filter { !$0.isTraced })
    func `no command comes after the last point`(_ driver: StoreDriver) async throws {
        let redis = try await Self.redis.value
        try await driver.withStore { store in
            let bench = try await TestBench.make(store: store, redis: redis.address)
            let proxy = try RedisProxy(to: redis.address, at: RedisPoint.last + 1)
            try await runToEnd(
                bench, by: bench.with(redis: proxy.address), isIdle: { proxy.lastCommand == "BLMOVE" }
            ) {
                proxy.isCut
            } release: {
                proxy.heal()
            }
        }
    }

    /// Runs the jobs on such a worker as is cut off above, but that nobody takes for dead however long it takes.
    private func runToEnd(
        _ bench: TestBench, by other: TestBench, isIdle: () -> Bool, isCut: () -> Bool, release: () -> Void
    ) async throws {
        let ledger = Ledger()
        for message in Self.messages { try await bench.push(message) }
        let mover = try await bench.mortal()
        let worker = try await other.start([Self.flow(ledger)]) { settings in
            settings.fallSilent()
            settings.slots = 1
        }
        try await bench.until("both are done") {
            _ = try await mover.moveDue(atMost: 1)
            let isDone = try await bench.job("k")["status"] == "done"
            return isDone && isIdle() || isCut()
        }
        let wasCut = isCut()
        release()
        await worker.drain()
        _ = try await mover.leave()
        try #require(!wasCut)
        try await check(bench, ledger)
    }

    @Test func `the README tells how many points there are`() throws {
        let every = StoreDriver.every
        let count = StorePoint.all(of: every).count + RedisPoint.all(of: every).count
        let readme = URL(filePath: #filePath).appending(path: "../../../README.md").standardized
        #expect(try String(contentsOf: readme, encoding: .utf8).contains("(\(count) points, "))
    }

    @Test func `a worker whose connections fall silent makes new ones`() async throws {
        let redis = try await Self.redis.value
        let bench = try await TestBench.make(redis: redis.address)
        let proxy = try RedisProxy(to: redis.address, at: 0)
        let through = bench.with(redis: proxy.address)
        let pool = try await through.start([line()])
        try await bench.push(#"{"flow":"line","session_id":"s","id":"first"}"#)
        _ = try await bench.end(of: "first")
        // As when a router has forgotten them: nobody tells the worker.
        proxy.silencePresent()
        try await bench.push(#"{"flow":"line","session_id":"s","id":"second"}"#)
        #expect(try await bench.end(of: "second")["status"]?.string == "done")
        await pool.drain()
    }
}
