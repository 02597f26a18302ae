import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import Testing

/// Workers that die, that are believed dead, and that lose what they hold.
@Suite struct CrashTests {
    private let job = #"{"flow":"line","session_id":"s","id":"j"}"#

    struct Cut: Sendable, CustomTestStringConvertible {
        let driver: StoreDriver
        let node: NodeName
        var testDescription: String { "\(driver.name), cut off in \(node)" }

        static let all = StoreDriver.all.flatMap { driver in
            (["a", "b", "c"] as [NodeName]).map { Cut(driver: driver, node: $0) }
        }
    }

    @Test(arguments: Cut.all)
    func
        `a worker that was believed dead writes nothing and settles nothing once its successor has the session`(
            _ cut: Cut
        ) async throws
    {
        try await cut.driver.withBench { bench in
            let ledger = Ledger()
            let entered = Signal()
            let release = Signal()
            let flow = line { context in
                ledger.note(context.idempotencyKey)
                guard context.node == cut.node, !entered.isSent else { return }
                entered.send()
                await release.waitStubbornly()
            }
            try await bench.push(job)
            try await bench.push(job.replacing("\"j\"", with: "\"k\""))
            let zombie = try await bench.start([flow]) { settings in
                settings.fallSilent()
                settings.slots = 1
            }
            try await entered.wait()
            let successor = try await bench.start([flow])
            #expect(try await bench.end(of: "j")["status"]?.string == "done")
            #expect(try await bench.end(of: "k")["status"]?.string == "done")
            let history = try await bench.store.checkpoints(of: "s", limit: 100, before: nil)
            let record = try await bench.job("j")

            release.send()
            await zombie.drain()
            await successor.drain()
            #expect(try await bench.store.checkpoints(of: "s", limit: 100, before: nil) == history)
            #expect(history.map(\.step) == [6, 5, 4, 3, 2, 1])
            #expect(history.map(\.node) == ["c", "b", "a", "c", "b", "a"])
            #expect(try await bench.job("j") == record)
            #expect(record["crashes"] == "1" && record["attempts"] == nil)
            #expect(try await bench.count("LLEN", bench.keys.ended("j")) == 0)
            #expect(try await bench.deadNames().isEmpty)
            #expect(try await bench.unfinished() == 0)
            // The node that was cut off ran once more, under the same key; nothing else did.
            let number = Dictionary(uniqueKeysWithValues: zip(["a", "b", "c"], 1...3))[cut.node.text] ?? 0
            for step in 1...3 { #expect(ledger.count(of: "j:\(step)") == (step == number ? 2 : 1)) }
        }
    }

    @Test func `a job that brought three workers down in a row is buried, and the next one goes on`()
        async throws
    {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let flow = line { context in ledger.note("\(context.job)") }
        try await bench.push(job)
        try await bench.push(job.replacing("\"j\"", with: "\"k\""))
        for _ in 1...3 { try await bench.crash() }
        await bench.burst([flow])
        let end = try await bench.end(of: "j")
        #expect(end["reason"]?.string == "crashed")
        #expect(try await bench.dead("j")["crashes"] == "3")
        #expect(try await bench.dead("j")["attempts"] == "0")
        #expect(ledger.all == ["k", "k", "k"])
    }

    @Test func `crashes before the last checkpoint do not count`() async throws {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let flow = line { context in ledger.note(context.node.text) }
        try await bench.push(job)
        // Three workers die, each a node further than the one before.
        for node in ["a", "b", "c"] as [NodeName] {
            let entered = Signal()
            let release = Signal()
            let hanging = line { context in
                guard context.node == node else { return }
                entered.send()
                await release.waitStubbornly()
            }
            let dying = try await bench.start([hanging]) { settings in
                settings.fallSilent()
                settings.slots = 1
            }
            try await entered.wait()
            // The worker before this one wrote the checkpoint that this one's crash counts from.
            try await bench.reap(dying.pool.worker.text)
            dying.pool.halt()
            release.send()
            await dying.task.value
        }
        #expect(try await bench.job("j")["crashes"] == "3")
        await bench.burst([flow])
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        #expect(try await bench.path(of: "s") == ["a", "b", "c"])
    }

    @Test func `a job that brought two workers down runs alone in its worker the third time`() async throws {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let entered = Signal()
        let release = Signal()
        let flow = line(nodes: ["a"]) { context in
            ledger.note("\(context.job) begins")
            if context.job == "y" {
                entered.send()
                try await release.wait()
            }
            if context.job == "j" {
                try await bench.push(#"{"flow":"line","session_id":"u","id":"z"}"#)
                for _ in 1...50 { try await bench.client.connect() }
            }
            ledger.note("\(context.job) ends")
        }
        try await bench.push(job)
        for _ in 1...2 { try await bench.crash() }
        try await bench.push(#"{"flow":"line","session_id":"t","id":"y"}"#)
        let pool = try await bench.start([flow]) { $0.slots = 4 }
        try await entered.wait()
        try await bench.until("j is claimed") { try await bench.job("j")["status"] == "running" }
        release.send()
        for id in ["j", "y", "z"] { #expect(try await bench.end(of: id)["status"]?.string == "done") }
        await pool.drain()
        #expect(
            ledger.all == ["y begins", "y ends", "j begins", "j ends", "z begins", "z ends"])
    }

    @Test func `two jobs that have to be alone do not wait for each other`() async throws {
        let bench = try await TestBench.make()
        try await bench.push(job)
        try await bench.push(#"{"flow":"line","session_id":"t","id":"k"}"#)
        for _ in 1...2 { try await bench.crash(claiming: 2) }
        #expect(try await bench.job("k")["crashes"] == "2")
        let pool = try await bench.start([line()])
        for id in ["j", "k"] { #expect(try await bench.end(of: id)["status"]?.string == "done") }
        await pool.drain()
    }

    // MARK: - The lock

    @Test func `a zombie that opens after its successor did notes no end of the job`() async throws {
        let bench = try await TestBench.make()
        let cut = CutStore(bench.store, at: 1)
        let zombieBench = bench.with(store: cut)
        let (isRunning, mayGoOn) = (Signal(), Signal())
        let failing = line { _ in throw PermanentFailure("of no use") }
        let waiting = line { context in
            guard context.node == "a" else { return }
            isRunning.send()
            try await mayGoOn.wait()
        }
        try await bench.push(#"{"flow":"line","session_id":"s","id":"j"}"#)
        let zombie = try await zombieBench.start([failing]) { $0.fallSilent() }
        try await cut.cut.wait()
        let successor = try await bench.start([waiting])
        try await isRunning.wait()
        // It takes the session over from its successor, and its node fails for good.
        cut.release.send()
        await zombie.drain()
        #expect(try await bench.store.job("j")?.status != .dead)
        #expect(try await bench.store.session("s")?.record.status != .failed)
        mayGoOn.send()
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        await successor.drain()
        #expect(try await bench.store.job("j")?.status == .done)
        #expect(try await bench.path(of: "s") == ["a", "b", "c"])
        #expect(try await bench.deadNames().isEmpty)
    }

    @Test func `a job that loses its lock is cancelled and handed back, no attempt and no crash`()
        async throws
    {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let entered = Signal()
        let never = Signal()
        let flow = line { context in
            ledger.note(context.node.text)
            guard context.node == "b", !entered.isSent else { return }
            entered.send()
            try await never.wait()
        }
        try await bench.push(job)
        let pool = try await bench.start([flow])
        try await entered.wait()
        _ = try await bench.client.send(RedisCommand("DEL", bench.keys.lock("s")))
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        await pool.drain()
        #expect(ledger.all == ["a", "b", "b", "c"])
        let record = try await bench.job("j")
        #expect(record["attempts"] == nil && record["crashes"] == nil)
    }

    @Test func `a job whose lock is another's is cancelled, and runs again once that one lets go`()
        async throws
    {
        let bench = try await TestBench.make()
        let entered = Signal()
        let cancelled = Signal()
        let never = Signal()
        let flow = line { context in
            guard context.node == "b", !entered.isSent else { return }
            entered.send()
            defer { cancelled.send() }
            try await never.wait()
        }
        try await bench.push(job)
        let pool = try await bench.start([flow])
        try await entered.wait()
        _ = try await bench.client.send(RedisCommand("SET", bench.keys.lock("s"), "stranger:1"))
        try await cancelled.wait()
        _ = try await bench.client.send(RedisCommand("DEL", bench.keys.lock("s")))
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        await pool.drain()
        #expect(try await bench.path(of: "s") == ["a", "b", "c"])
        #expect(try await bench.unfinished() == 0)
    }

    @Test func `a worker that was given up for dead registers anew and goes on`() async throws {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let entered = Signal()
        let never = Signal()
        let flow = line { context in
            ledger.note(context.node.text)
            guard context.node == "b", !entered.isSent else { return }
            entered.send()
            try await never.wait()
        }
        try await bench.push(job)
        let pool = try await bench.start([flow]) { settings in
            settings.heart.beatInterval = .milliseconds(300)
            // A machine that stands still for ten seconds must not make it hand the job back first.
            settings.queue.lockLife = .seconds(600)
        }
        try await entered.wait()
        try await bench.reap(pool.pool.worker.text)
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        #expect(ledger.all == ["a", "b", "b", "c"])
        #expect(try await bench.job("j")["crashes"] == "1")
        #expect(try await bench.count("ZCARD", bench.keys.workers) == 1)
        await pool.drain()
        #expect(try await bench.count("ZCARD", bench.keys.workers) == 0)
    }
}
