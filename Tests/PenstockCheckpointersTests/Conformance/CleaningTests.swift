import PenstockModel
import Synchronization
import Testing

/// How cleaning goes about it: in pages, beside writers, or for show.
@Suite(.timeLimit(.minutes(2)))
struct CleaningTests {
    @Test(arguments: Drivers.checkpointers)
    func `a dry run tells the same and changes nothing`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            try await Writer.session("done", in: store, days: 1...4, .done, .dead)
            try await Writer.session("kept", in: store, days: 1...2, .done, .done)
            try await Writer.session("kept", in: store, job: "next", days: 3...5, .done)
            try await Writer.session("long", in: store, days: 1...600)
            let retention = Retention.all(3, days: 2000, endedDays: 100_000)
            let sessions: [SessionID] = ["done", "kept", "long"]
            var before: [[Checkpoint]] = []
            for session in sessions { before.append(try await store.history(of: session)) }
            let summaries = try await store.sessions(limit: 10, after: nil)

            let dry = try await store.pass(keeping: retention, at: .day(5000), isDryRun: true)
            for (session, history) in zip(sessions, before) {
                #expect(try await store.history(of: session) == history)
            }
            #expect(try await store.sessions(limit: 10, after: nil) == summaries)

            let wet = try await store.pass(keeping: retention, at: .day(5000))
            #expect(dry.removed == wet.removed)
            #expect(wet.removed == ["sample": Removed(checkpoints: 4 + 3 + 599, bytes: 2 * 606)])
            #expect(try await store.steps(of: "done") == [])
            #expect(try await store.steps(of: "kept") == [5, 2])
            #expect(try await store.steps(of: "long") == [600])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a pass in small pages removes what one page would`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let count = 1000
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<50 {
                    group.addTask {
                        for place in stride(from: lane, to: count, by: 50) {
                            try await Writer.session(
                                SessionID(unchecked: "s\(place)"), in: store, flow: "f\(place % 2)",
                                days: 1...(place % 2 + 1), place % 3 == 0 ? .done : .running)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let pass = try await store.pass(keeping: .all(1, days: 30), at: .day(40), limit: 7)
            #expect(pass.sessions == count)
            #expect(pass.pages >= count / 7)
            // Every second has one more than it may have, and every third is done and loses all.
            let total = pass.removed.values.reduce(Removed(), +)
            #expect(total.checkpoints == 500 + 334)
            #expect(try await store.size() == StoreSize(sessions: count, checkpoints: 666, bytes: 1332))
            #expect(pass.removed.keys.sorted() == ["f0", "f1"])
            #expect(try await store.pass(keeping: .all(1, days: 30), at: .day(40)).removed == [:])
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a long history goes in pages of some hundred rows`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let count = 1600
            var writer = try await Writer.session("a", in: store, days: 1...count)
            try await Writer.session("b", in: store, days: 1...3)
            let pass = try await store.pass(keeping: .all(10), at: .day(count))
            #expect(pass.removed["sample"]?.checkpoints == count - 10)
            #expect(pass.sessions == 2)
            #expect(pass.mostRows <= CleanedPage.mostRows)
            #expect(pass.pages >= count / CleanedPage.mostRows)
            #expect(try await store.steps(of: "a") == Array((count - 9...count).reversed()))
            #expect(try await store.session("a")?.bytes == 20)
            #expect(try await writer.save().step == count + 1)
            #expect(try await store.open("a", for: "job-2", as: "next").latest?.step == count + 1)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a long history whose results are kept comes to its end`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            let count = 700
            for number in 1...count {
                var writer = try await Writer.open("s", in: store, job: JobID(unchecked: "job-\(number)"))
                try await writer.save(on: number % 2 == 0 ? 10 : 9, .done, number % 2 == 0 ? .done : .running)
            }
            for isDryRun in [true, false] {
                let pass = try await store.pass(
                    keeping: .all(5, endedDays: 50), at: .day(20), isDryRun: isDryRun)
                #expect(pass.removed["sample"]?.checkpoints == count / 2 - 2)
            }
            let steps = Array((1...count).filter { $0 % 2 == 0 || $0 > count - 5 }.reversed())
            #expect(try await store.steps(of: "s") == steps)
            #expect(try await store.pass(keeping: .all(5, endedDays: 50), at: .day(20)).removed == [:])
            #expect(try await store.session("s")?.checkpoints == steps.count)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a writer whose history is cleaned meanwhile does not notice`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            let count = 300
            let isWritten = Mutex(false)
            async let writing: Int64 = {
                defer { isWritten.withLock { $0 = true } }
                var writer = try await Writer.open("s", in: first)
                for _ in 1...count { try await writer.save(state: #"{"n":1}"#) }
                return writer.epoch
            }()
            var removed = 0
            var isLast = false
            repeat {
                // A store in memory never makes anybody wait.
                await Task.yield()
                isLast = isWritten.withLock(\.self)
                removed +=
                    try await second.pass(keeping: .all(5), at: .day(1)).removed["sample"]?.checkpoints ?? 0
            } while !isLast
            let epoch = try await writing
            #expect(removed == count - 5)
            #expect(try await first.steps(of: "s") == Array((count - 4...count).reversed()))
            #expect(try await second.session("s")?.checkpoints == 5)
            #expect(try await second.session("s")?.bytes == 35)
            #expect(try await second.session("s")?.record.epoch == epoch)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a pass goes on when a session is reset in its middle`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            for number in 1...520 {
                var writer = try await Writer.open("a", in: store, job: JobID(unchecked: "job-\(number)"))
                try await writer.save(on: 1, .running, .done)
            }
            try await Writer.session("b", in: store, days: 1...3)
            let retention = Retention.all(1, endedDays: 50)
            let page = try await store.clean(
                retention, from: nil, limit: 10, isDryRun: true, now: .day(2))
            let position = try #require(page.next)
            try await store.reset("a")
            let rest = try await store.clean(
                retention, from: position, limit: 10, isDryRun: false, now: .day(2))
            #expect(rest.total.checkpoints <= 2)
            try await store.pass(keeping: retention, at: .day(2))
            #expect(try await store.steps(of: "b") == [3])
        }
    }

    @Test(arguments: LlmfyDriver.all)
    func `a session that only llmfy has written is left alone`(_ driver: LlmfyDriver) async throws {
        try await driver.withStore(4) { store in
            #expect(try await store.pass(keeping: .all(1, days: 1), at: .day(10_000)).removed == [:])
            _ = try await Writer.open(LlmfyDriver.session, in: store)
            #expect(try await store.pass(keeping: .all(1, days: 1), at: .day(10_000)).removed == [:])
            #expect(try await store.steps(of: LlmfyDriver.session) == [3, 2, 1, 0])
        }
    }

    @Test(arguments: LlmfyDriver.all)
    func `llmfy's checkpoints go like ours once the session is ours`(_ driver: LlmfyDriver) async throws {
        try await driver.withStore(4) { store in
            var writer = try await Writer.open(LlmfyDriver.session, in: store)
            for _ in 1...2 { try await writer.save() }
            let pass = try await store.pass(keeping: .all(3), at: .day(1))
            #expect(pass.removed["sample"]?.checkpoints == 3)
            #expect(try await store.steps(of: LlmfyDriver.session) == [5, 4, 3])
            try await writer.save()
            #expect(try await Writer.open(LlmfyDriver.session, in: store).opened.latest?.step == 6)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `a closed store is not cleaned`(_ driver: CheckpointerDriver) async throws {
        try await driver.withStore { store in
            await store.close()
            await #expect { try await store.pass(keeping: .all(1), at: .day(1)) } throws: {
                isUnavailable($0)
            }
        }
    }
}
