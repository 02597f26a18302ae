import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import Testing

/// Cancelling jobs under workers that run.
@Suite struct CancellationTests {
    private func message(_ id: String) -> String { #"{"flow":"line","session_id":"s","id":"\#(id)"}"# }

    private func inspector(_ bench: TestBench) -> QueueInspector {
        QueueInspector(keys: bench.keys, settings: QueueSettings(), client: bench.client)
    }

    @Test(arguments: StoreDriver.all)
    func `a job that runs is stopped where it is, and its session goes on with the next`(
        _ driver: StoreDriver
    ) async throws {
        try await driver.withBench { bench in
            let ledger = Ledger()
            let (isRunning, never) = (Signal(), Signal())
            let flow = line { context in
                ledger.note(context.idempotencyKey)
                guard context.job == "j", context.node == "b" else { return }
                isRunning.send()
                try await never.wait()
            }
            try await bench.push(message("j"))
            try await bench.push(message("k"))
            let pool = try await bench.start([flow])
            try await isRunning.wait()
            #expect(try await inspector(bench).cancel("j") == .running)
            let end = try await bench.end(of: "j")
            #expect(end["status"]?.string == "cancelled")
            #expect(try await bench.end(of: "k")["status"]?.string == "done")
            await pool.drain()
            #expect(try await bench.store.job("j")?.status == .cancelled)
            let record = try await bench.job("j")
            #expect(record["status"] == "cancelled" && record["error"] == "cancelled on request")
            #expect(record["attempts"] == nil && record["interruptions"] == nil)
            // The same run goes on in the next job: one key for each node.
            #expect(try await bench.path(of: "s") == ["a", "b", "c"])
            #expect(ledger.all == ["j:1", "j:2", "j:2", "j:3"])
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test(arguments: StoreDriver.all)
    func `a job that waits is ended without being run, however often it comes`(_ driver: StoreDriver)
        async throws
    {
        try await driver.withBench { bench in
            let ledger = Ledger()
            try await bench.push(message("j"))
            #expect(try await inspector(bench).cancel("j") == nil)
            for _ in 1...2 {
                await bench.burst([line { _ in ledger.note("ran") }])
                #expect(try await bench.end(of: "j")["status"]?.string == "cancelled")
                try await bench.push(message("j"))
            }
            await bench.burst([line()])
            #expect(ledger.all.isEmpty)
            #expect(try await bench.store.job("j")?.status == .cancelled)
            #expect(try await bench.path(of: "s").isEmpty)
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test func `a job that reached its end before is done, whatever the mark says`() async throws {
        let bench = try await TestBench.make()
        let flow = line()
        try await bench.push(message("j"))
        await bench.burst([flow])
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
        // Redis has forgotten it, and takes a mark for a job that it does not know.
        _ = try await bench.count("DEL", bench.keys.job("j"))
        #expect(try await inspector(bench).cancel("j") == nil)
        try await bench.push(message("j"))
        await bench.burst([flow])
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
    }

    @Test func `a job that waits for its retry ends at once`() async throws {
        let bench = try await TestBench.make()
        let flow = line { _ in throw Broken() }.attempts(.constant(maxAttempts: 9, delay: .seconds(3600)))
        try await bench.push(message("j"))
        let pool = try await bench.start([flow])
        try await bench.until("scheduled") { try await bench.job("j")["status"] == "scheduled" }
        #expect(try await inspector(bench).cancel("j") == .scheduled)
        #expect(try await bench.end(of: "j")["status"]?.string == "cancelled")
        await pool.drain()
        #expect(try await bench.job("j")["attempts"] == "1")
    }

    @Test func `what a drain sends back in the middle is counted as an interruption`() async throws {
        let bench = try await TestBench.make()
        let (isRunning, mayEnd) = (Signal(), Signal())
        let flow = line { context in
            guard context.node == "a" else { return }
            isRunning.send()
            await mayEnd.waitStubbornly()
        }
        try await bench.push(message("j"))
        let pool = try await bench.start([flow])
        try await isRunning.wait()
        pool.pool.drain()
        mayEnd.send()
        await pool.task.value
        let record = try await bench.job("j")
        #expect(record["interruptions"] == "1" && record["attempts"] == nil && record["crashes"] == nil)
        await bench.burst([flow])
        #expect(try await bench.end(of: "j")["status"]?.string == "done")
    }

    @Test func `an error that a flow gives up on is not tried again, in place or in another attempt`()
        async throws
    {
        let bench = try await TestBench.make()
        let ledger = Ledger()
        let flow = Flow<Trail>("line", version: 1) {
            Node("a") { _, context in
                ledger.note("\(context.attempt)")
                throw Broken()
            }
            .retry(.constant(maxAttempts: 3, delay: .milliseconds(1)))
            Edge(.start, "a")
            Edge("a", .end)
        }
        .givingUp { $0 is Broken }
        try await bench.push(message("j"))
        await bench.burst([flow])
        #expect(try await bench.end(of: "j")["error"]?.string?.contains("it is broken") == true)
        #expect(ledger.all == ["1"])
    }

    @Test func `a flow says how often a job is attempted, and a message says it better`() async throws {
        let bench = try await TestBench.make()
        let flow = line { _ in throw Broken() }.attempts(.constant(maxAttempts: 3, delay: .milliseconds(1)))
        try await bench.push(message("j"))
        try await bench.push(#"{"flow":"line","id":"k","max_attempts":2}"#)
        let pool = try await bench.start([flow])
        for id in ["j", "k"] { #expect(try await bench.end(of: id)["status"]?.string == "dead") }
        await pool.drain()
        #expect(try await bench.dead("j")["attempts"] == "3")
        #expect(try await bench.dead("k")["attempts"] == "2")
    }
}
