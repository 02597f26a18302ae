import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockQueue
import PenstockRedis
import Synchronization
import Testing

/// How a job ends whose sessions stand in the queue's own Redis: in the step of its last save.
@Suite(.timeLimit(.minutes(1))) struct LastSaveTests {
    /// Tells of each save after it was made, unless it refuses it before; the answers that it is told to lose, nobody is told.
    private final class TellingStore: StoreInFront {
        let store: any Checkpointer
        private let afterSave: @Sendable (Save) async throws -> Void
        private let loses: @Sendable (Save) -> Bool
        private let refuses: @Sendable (Save) -> Bool

        init(
            _ store: any Checkpointer, afterSave: @escaping @Sendable (Save) async throws -> Void = { _ in },
            losing loses: @escaping @Sendable (Save) -> Bool = { _ in false },
            refusing refuses: @escaping @Sendable (Save) -> Bool = { _ in false }
        ) {
            self.refuses = refuses
            self.store = store
            self.loses = loses
            self.afterSave = afterSave
        }

        func save(_ save: Save) async throws(CheckpointerError) {
            if refuses(save) { throw .unavailable(reason: "away") }
            guard !loses(save) else {
                var silent = save
                silent.errand = save.errand.map { SaveErrand($0.content) }
                try await store.save(silent)
                throw .unavailable(reason: "the answer was lost")
            }
            try await store.save(save)
            do { try await afterSave(save) } catch { throw .unavailable(reason: "\(error)") }
        }

        func close() async {}
    }

    private func push(_ bench: TestBench, _ id: String, to session: String = "s") async throws {
        try await bench.push(#"{"flow":"line","session_id":"\#(session)","id":"\#(id)"}"#)
    }

    /// The last so many events of the session `s`, the latest first.
    private func lastTold(_ count: Int, _ bench: TestBench) async throws -> [[String]?]? {
        let told = try await bench.client.send(
            RedisCommand("XREVRANGE", bench.keys.events("s"), "+", "-", "COUNT", count))
        return told.asArray?.map { $0.asArray?.last?.asArray?.compactMap(\.asString) }
    }

    @Test func `the job has ended when its last save has been made, and not before`() async throws {
        try await StoreDriver.tracedRedis.withBench { bench in
            let seen = Ledger()
            let store = TellingStore(bench.store) { save in
                seen.note("\(save.checkpoint?.node ?? "") \(try await bench.job("j")["status"] ?? "")")
            }
            try await push(bench, "j")
            await bench.with(store: store).burst([line()])
            #expect(seen.all == ["a running", "b running", "c done"])
            #expect(try await bench.end(of: "j")["status"]?.string == "done")
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test func `the session's next job is taken in the same step`() async throws {
        try await StoreDriver.tracedRedis.withBench { bench in
            let seen = Ledger()
            let store = TellingStore(bench.store) { save in
                guard save.status == .done else { return }
                seen.note(try await bench.job("k")["status"] ?? "")
            }
            // The second is parked by the claim that takes the first.
            for id in ["j", "k"] { try await push(bench, id) }
            await bench.with(store: store).burst([line()])
            #expect(seen.all == ["running", "done"])
            #expect(try await bench.path(of: "s") == ["a", "b", "c", "a", "b", "c"])
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test func `a last save whose answer is lost ends the job once, and loses none behind it`() async throws {
        try await StoreDriver.tracedRedis.withBench { bench in
            let losses = Mutex(0)
            let store = TellingStore(
                bench.store,
                losing: { save in
                    guard save.status == .done else { return false }
                    return losses.withLock { losses in
                        losses += 1
                        return losses <= 2
                    }
                })
            for id in ["j", "k", "l"] { try await push(bench, id) }
            let runs = Ledger()
            await bench.with(store: store).burst([line { runs.note("\($0.job) \($0.node)") }])
            #expect(runs.all == ["j", "k", "l"].flatMap { job in ["a", "b", "c"].map { "\(job) \($0)" } })
            for id in ["j", "k", "l"] { #expect(try await bench.job(id)["status"] == "done") }
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test func `a next job counts as locked from when it was taken, however long the last save took`()
        async throws
    {
        try await StoreDriver.tracedRedis.withBench { bench in
            let first = Mutex<ContinuousClock.Instant?>(nil)
            // For longer than a lock may go unrenewed: its life without the heart's margin.
            let store = TellingStore(
                bench.store,
                refusing: { save in
                    guard save.status == .done, save.job?.id == "j" else { return false }
                    return first.withLock { first in
                        let begun = first ?? .now
                        first = begun
                        return .now < begun + .seconds(5)
                    }
                })
            let runs = Ledger()
            let flow = line { context in
                guard context.job == "k", context.node == "a" else { return }
                runs.note("k")
                // The heart looks at the locks at each beat, and more often.
                let beats = RedisCommand("ZRANGE", bench.keys.workers, 0, -1, "WITHSCORES")
                let before = try await bench.client.send(beats)
                try await bench.until("the heart beats") { try await bench.client.send(beats) != before }
            }
            for id in ["j", "k"] { try await push(bench, id) }
            await bench.with(store: store).burst([flow]) { settings in
                settings.queue.lockLife = .seconds(6)
                settings.heart.beatInterval = .seconds(1)
            }
            #expect(runs.all == ["k"])
            #expect(try await bench.job("k")["interruptions"] == nil)
            #expect(try await bench.path(of: "s") == ["a", "b", "c", "a", "b", "c"])
        }
    }

    @Test func `a job with a time limit that ends while it is halted has ended, and that is told`()
        async throws
    {
        try await StoreDriver.tracedRedis.withBench { bench in
            let halted = Mutex<WorkerPool?>(nil)
            let store = TellingStore(bench.store) { save in
                guard save.status == .done else { return }
                halted.withLock(\.self)?.halt()
                while !Task.isCancelled { await Task.yield() }
            }
            try await bench.push(
                #"{"flow":"line","session_id":"s","id":"j","timeout_seconds":600}"#)
            let pool = bench.with(store: store).pool([line()]) { $0.events = .all }
            halted.withLock { $0 = pool }
            await pool.run()
            #expect(try await bench.job("j")["status"] == "done")
            #expect(try await lastTold(1, bench) == [["event", "job_ended", "status", "done", "job", "j"]])
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test
    func `a job whose last save was made, but not answered before it is halted, has ended, and that is told`()
        async throws
    {
        try await StoreDriver.tracedRedis.withBench { bench in
            let halted = Mutex<WorkerPool?>(nil)
            let store = TellingStore(
                bench.store,
                losing: { save in
                    guard save.status == .done else { return false }
                    halted.withLock(\.self)?.halt()
                    return true
                })
            for id in ["j", "k"] { try await push(bench, id) }
            let pool = bench.with(store: store).pool([line()]) { $0.events = .all }
            halted.withLock { $0 = pool }
            await pool.run()
            #expect(try await bench.job("j")["status"] == "done")
            // The next one, which that save has taken, has gone back.
            #expect(
                try await lastTold(2, bench) == [
                    ["event", "handed_back", "job", "k"],
                    ["event", "job_ended", "status", "done", "job", "j"],
                ])
            #expect(try await bench.job("k")["status"] == "waiting")
            await bench.burst([line()])
            #expect(try await bench.path(of: "s") == ["a", "b", "c", "a", "b", "c"])
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test
    func
        `what few jobs need is seen to as well: a key that no two have, a limit, a result that is too large`()
        async throws
    {
        try await StoreDriver.tracedRedis.withBench { bench in
            let inspector = QueueInspector(
                keys: bench.keys, settings: QueueSettings(), client: bench.client)
            try await inspector.limit(.flow("line"), to: JobLimits(running: 1))
            for (id, session) in [("j", "s"), ("k", "s"), ("l", "t")] {
                try await bench.push(
                    #"{"flow":"line","session_id":"\#(session)","id":"\#(id)","unique_key":"u-\#(id)"}"#)
            }
            await bench.burst([line()]) { $0.queue.maxResultBytes = 4 }
            for id in ["j", "k", "l"] {
                let record = try await bench.job(id)
                #expect(record["status"] == "done" && record["stored"] == "1" && record["result"] == "")
                #expect(try await bench.count("EXISTS", bench.keys.prefix + "unique:u-" + id) == 0)
            }
            #expect(try await bench.path(of: "s") == ["a", "b", "c", "a", "b", "c"])
            #expect(try await bench.unfinished() == 0)
        }
    }

    @Test func `a session that another has opened before the last save is opened anew`() async throws {
        try await StoreDriver.tracedRedis.withBench { bench in
            let isDisturbed = Signal()
            let flow = line { context in
                guard context.node == "c", !isDisturbed.isSent else { return }
                isDisturbed.send()
                _ = try await bench.store.open("s", for: "other", as: "other")
            }
            for id in ["j", "k"] { try await push(bench, id) }
            await bench.burst([flow]) { $0.slots = 1 }
            #expect(try await bench.path(of: "s") == ["a", "b", "c", "a", "b", "c"])
            for id in ["j", "k"] { #expect(try await bench.job(id)["status"] == "done") }
            #expect(try await bench.unfinished() == 0)
        }
    }
}
