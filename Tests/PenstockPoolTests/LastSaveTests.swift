import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import PenstockRedis
import Synchronization
import Testing

/// How a job ends whose sessions stand in the queue's own Redis: in the step of its last save.
@Suite(.timeLimit(.minutes(1))) struct LastSaveTests {
    /// Tells of each save after it was made, and loses the answers that it is told to.
    private final class TellingStore: StoreInFront {
        let store: any Checkpointer
        private let afterSave: @Sendable (Save) async throws -> Void

        init(_ store: any Checkpointer, afterSave: @escaping @Sendable (Save) async throws -> Void) {
            self.store = store
            self.afterSave = afterSave
        }

        func save(_ save: Save) async throws(CheckpointerError) {
            try await store.save(save)
            do { try await afterSave(save) } catch { throw .unavailable(reason: "\(error)") }
        }

        func close() async {}
    }

    private func push(_ bench: TestBench, _ id: String, to session: String = "s") async throws {
        try await bench.push(#"{"flow":"line","session_id":"\#(session)","id":"\#(id)"}"#)
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
            let store = TellingStore(bench.store) { save in
                guard save.status == .done,
                    losses.withLock({
                        $0 += 1; return $0
                    }) <= 2
                else { return }
                throw CheckpointerError.unavailable(reason: "the answer was lost")
            }
            for id in ["j", "k", "l"] { try await push(bench, id) }
            let runs = Ledger()
            await bench.with(store: store).burst([line { runs.note("\($0.job) \($0.node)") }])
            #expect(runs.all == ["j", "k", "l"].flatMap { job in ["a", "b", "c"].map { "\(job) \($0)" } })
            for id in ["j", "k", "l"] { #expect(try await bench.job(id)["status"] == "done") }
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
