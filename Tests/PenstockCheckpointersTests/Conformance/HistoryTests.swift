import PenstockModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HistoryTests {
    @Test(arguments: Drivers.checkpointers)
    func `the history is listed newest first, page by page`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            for _ in 1...7 { try await writer.save() }
            func page(_ limit: Int, before step: Int? = nil) async throws -> [Int] {
                try await store.checkpoints(of: "s", limit: limit, before: step).map(\.step)
            }
            #expect(try await page(3) == [7, 6, 5])
            #expect(try await page(3, before: 5) == [4, 3, 2])
            #expect(try await page(3, before: 2) == [1])
            #expect(try await page(3, before: 1) == [])
            #expect(try await page(100) == [7, 6, 5, 4, 3, 2, 1])
            #expect(try await page(100, before: 100) == [7, 6, 5, 4, 3, 2, 1])
            #expect(try await page(100, before: -3) == [])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a limit of 0 and less lists nothing`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            try await writer.save()
            for limit in [0, -1, Int.min] {
                #expect(try await store.checkpoints(of: "s", limit: limit, before: nil).isEmpty)
                #expect(try await store.sessions(limit: limit, after: nil).isEmpty)
            }
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `the order is the steps', whatever the clock said`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            // Equal moments, ids that fall, and a clock that steps back by a day.
            let clocks: [Int64] = [0, 0, 0, 0, -86_400_000_000, -86_400_000_000, 1_000]
            var writer = try await Writer.open("s", in: store)
            for (index, offset) in clocks.enumerated() {
                let timestamp = Timestamp(microseconds: Timestamp.sample(0).microseconds + offset)
                try await writer.save(id: CheckpointID("id-\(9 - index)"), timestamp: timestamp)
                #expect(try await store.latest(of: "s")?.step == index + 1)
                let opened = try await Writer.open("s", in: store)
                #expect(opened.opened.latest?.step == index + 1)
                writer = opened
            }
            #expect(try await store.steps(of: "s") == [7, 6, 5, 4, 3, 2, 1])
            #expect(try await store.checkpoints(of: "s", limit: 2, before: 4).map(\.step) == [3, 2])
            #expect(
                try await store.latest(of: "s")?.timestamp.microseconds == Timestamp.sample(0).microseconds
                    + 1_000)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `steps need not be without gaps`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            for _ in 1...20 { try await writer.save() }
            for checkpoint in try await store.history(of: "s") where !checkpoint.step.isMultiple(of: 5) {
                #expect(try await store.delete(checkpoint.id, of: "s"))
            }
            #expect(try await store.steps(of: "s") == [20, 15, 10, 5])
            for (before, expected) in [
                (21, [20, 15]), (20, [15, 10]), (16, [15, 10]), (15, [10, 5]), (6, [5]), (5, []),
            ] {
                let page = try await store.checkpoints(of: "s", limit: 2, before: before)
                #expect(page.map(\.step) == expected, "before \(before)")
            }
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a checkpoint is found by its id within its own session only`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withStore { store in
            var writer = try await Writer.open("s", in: store)
            let checkpoint = try await writer.save()
            _ = try await Writer.open("t", in: store, job: "job-2")
            #expect(try await store.checkpoint(checkpoint.id, of: "s") == checkpoint)
            #expect(try await store.checkpoint(checkpoint.id, of: "t") == nil)
            #expect(try await store.checkpoint(checkpoint.id, of: "nobody") == nil)
            #expect(try await store.checkpoint("no-such-id", of: "s") == nil)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `what was never seen is answered with nothing`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { (store) async throws in
            #expect(try await store.latest(of: "s") == nil)
            #expect(try await store.history(of: "s").isEmpty)
            #expect(try await store.session("s") == nil)
            #expect(try await store.exists("s") == false)
            #expect(try await store.job("job-1") == nil)
            #expect(try await store.sessions(limit: 10, after: nil).isEmpty)
            #expect(try await store.size() == StoreSize(sessions: 0, checkpoints: 0, bytes: 0))
        }
    }
}
