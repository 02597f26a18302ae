import PenstockEngine
import PenstockJSON
import PenstockModel
import PenstockPool
import Testing

/// Who opens a session: the first save of a job that nobody has had before; for any other, the worker before it runs.
@Suite(.timeLimit(.minutes(1))) struct FirstDeliveryTests {
    private let job = #"{"flow":"line","session_id":"s","id":"j"}"#

    private func counting(_ bench: TestBench) -> (TestBench, CutStore) {
        let store = CutStore(bench.store)
        return (bench.with(store: store), store)
    }

    @Test(arguments: StoreDriver.all)
    func `a job that comes for the first time is opened by its first save`(_ driver: StoreDriver)
        async throws
    {
        try await driver.withBench { bench in
            let (bench, store) = counting(bench)
            for (id, session) in [("j", "s"), ("k", "s"), ("l", "t")] {
                try await bench.push(#"{"flow":"line","session_id":"\#(session)","id":"\#(id)"}"#)
            }
            await bench.burst([line()])
            #expect(try await bench.path(of: "s") == ["a", "b", "c", "a", "b", "c"])
            #expect(try await bench.path(of: "t") == ["a", "b", "c"])
            // The second job of a session comes with the settling of the first, which sees nothing of the store.
            #expect(store.opens == 0 && store.looks == (driver.isTraced ? 1 : 3))
            #expect(try await store.session("s")?.record.epoch == 2)
            for id in ["j", "k", "l"] { #expect(try await bench.job(id)["status"] == "done") }
        }
    }

    @Test(arguments: StoreDriver.all)
    func `a job that comes again is opened before it runs`(_ driver: StoreDriver) async throws {
        try await driver.withBench { bench in
            let (bench, store) = counting(bench)
            try await bench.push(job)
            try await bench.crash()
            let epochs = Ledger()
            let flow = line { context in
                guard context.node == "a" else { return }
                epochs.note("\(try await store.session("s")?.record.epoch ?? 0)")
            }
            await bench.burst([flow])
            #expect(try await bench.path(of: "s") == ["a", "b", "c"])
            #expect(store.opens == 1 && store.looks == 0)
            #expect(epochs.all == ["1"])
        }
    }

    @Test(arguments: StoreDriver.all)
    func `a worker that was believed dead is refused before its successor has saved anything`(
        _ driver: StoreDriver
    ) async throws {
        try await driver.withBench { bench in
            let entered = Signal()
            let enteredAgain = Signal()
            let release = Signal()
            let releaseAgain = Signal()
            let flow = line { context in
                guard context.node == "a" else { return }
                if !entered.isSent {
                    entered.send()
                    await release.waitStubbornly()
                } else if !enteredAgain.isSent {
                    enteredAgain.send()
                    await releaseAgain.waitStubbornly()
                }
            }
            try await bench.push(job)
            let (zombieBench, lost) = counting(bench)
            let zombie = try await zombieBench.start([flow]) { settings in
                settings.fallSilent()
                settings.slots = 1
            }
            try await entered.wait()
            #expect(lost.opens == 0 && lost.looks == (driver.isTraced ? 0 : 1))
            let successor = try await bench.start([flow])
            try await enteredAgain.wait()
            release.send()
            await zombie.drain()
            #expect(try await bench.path(of: "s").isEmpty)
            #expect(try await bench.store.job("j") == nil)
            releaseAgain.send()
            #expect(try await bench.end(of: "j")["status"]?.string == "done")
            await successor.drain()
            #expect(try await bench.path(of: "s") == ["a", "b", "c"])
            #expect(try await bench.store.session("s")?.record.epoch == 1)
        }
    }

    @Test(arguments: StoreDriver.all)
    func `a session that another has opened meanwhile is opened anew, and the job goes on`(
        _ driver: StoreDriver
    ) async throws {
        try await driver.withBench { bench in
            let (bench, store) = counting(bench)
            try await bench.push(job)
            let isDisturbed = Signal()
            let flow = line { context in
                guard context.node == "a", !isDisturbed.isSent else { return }
                isDisturbed.send()
                _ = try await store.store.open("s", for: "other", as: "other")
            }
            await bench.burst([flow])
            #expect(try await bench.path(of: "s") == ["a", "b", "c"])
            #expect(store.looks == (driver.isTraced ? 0 : 1) && store.opens == 1)
            #expect(try await store.session("s")?.record.epoch == 2)
            #expect(try await bench.job("j")["attempts"] == nil)
        }
    }

    @Test(arguments: StoreDriver.all)
    func `the end of a job that never saved anything is written by the save that opens its session`(
        _ driver: StoreDriver
    ) async throws {
        try await driver.withBench { bench in
            let (bench, store) = counting(bench)
            try await bench.push(
                #"{"flow":"line","session_id":"s","id":"j","expires_at":"2020-01-01T00:00:00Z"}"#)
            await bench.burst([line()])
            #expect(try await bench.job("j")["status"] == "dead")
            #expect(try await store.job("j")?.status == .dead)
            let record = try #require(try await store.session("s")?.record)
            #expect(record.epoch == 1 && record.status == .failed && record.head == 0)
            #expect(store.opens == 0 && store.looks == (driver.isTraced ? 0 : 1))
        }
    }

    @Test func `a session that stands in the store, or whose job does, is looked at`() async throws {
        try await StoreDriver.tracedRedis.withBench { bench in
            let (bench, store) = counting(bench)
            // One that was only opened, one with a checkpoint, and one that knows the job by its record.
            _ = try await store.store.open("opened", for: "before", as: "token")
            for (id, session) in [("a", "opened"), ("b", "written"), ("c", "written"), ("d", "new")] {
                try await bench.push(#"{"flow":"line","session_id":"\#(session)","id":"\#(id)"}"#)
                await bench.burst([line()])
            }
            // In the order of the jobs.
            #expect(store.looks == 2 && store.opens == 0)
            #expect(try await bench.path(of: "written") == ["a", "b", "c", "a", "b", "c"])
            #expect(try await store.session("opened")?.record.epoch == 2)
        }
    }
}
