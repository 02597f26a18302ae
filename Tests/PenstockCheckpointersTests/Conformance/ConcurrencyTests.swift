import PenstockModel
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ConcurrencyTests {
    @Test(arguments: Drivers.checkpointers)
    func `64 writers at once on one session make one chain`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            let saved = try await withThrowingTaskGroup { group in
                for number in 0..<64 {
                    let store = number.isMultiple(of: 2) ? first : second
                    group.addTask { try await scramble(for: "s", in: store, as: number) }
                }
                return try await group.reduce(0, +)
            }
            var last = try await Writer.open("s", in: first)
            try await last.save(state: #"{"seen":\#(last.seen)}"#)
            let history = try await first.history(of: "s")
            #expect(history.map(\.step) == Array((1...(saved + 1)).reversed()))
            for checkpoint in history {
                // Each was made by a writer that had seen the one before: no fork, nothing lost.
                #expect(checkpoint.state == Array(#"{"seen":\#(checkpoint.step - 1)}"#.utf8))
            }
            for (newer, older) in zip(history, history.dropFirst()) {
                #expect(try #require(newer.epoch) >= (try #require(older.epoch)))
            }
        }
    }

    /// Opens the session again and again and saves two checkpoints each time, unless another got in between.
    ///
    /// - Returns: How many were saved.
    private func scramble(for session: SessionID, in store: any Checkpointer, as number: Int) async throws
        -> Int
    {
        var saved = 0
        for _ in 0..<8 {
            var writer = try await Writer.open(session, in: store, job: JobID(checking: "job-\(number)"))
            do {
                for _ in 0..<2 {
                    try await writer.save(state: #"{"seen":\#(writer.seen)}"#)
                    saved += 1
                }
            } catch CheckpointerError.fenced {
                continue
            }
        }
        return saved
    }

    @Test(arguments: Drivers.checkpointers)
    func `64 sessions are written at once, and all of it arrives`(_ driver: CheckpointerDriver) async throws {
        try await driver.withTwoClients { first, second in
            try await withThrowingTaskGroup { group in
                for number in 0..<64 {
                    let store = number.isMultiple(of: 2) ? first : second
                    group.addTask {
                        let id = "s-\(number)"
                        var writer = try await Writer.open(
                            SessionID(checking: id), in: store, job: JobID(checking: id))
                        for step in 1...10 {
                            try await writer.save(state: #"{"n":\#(number),"step":\#(step)}"#)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let summaries = try await second.sessions(limit: 100, after: nil)
            #expect(summaries.count == 64)
            for summary in summaries {
                #expect(summary.checkpoints == 10)
                #expect(summary.record.head == 10)
                #expect(try await first.steps(of: summary.record.id) == Array((1...10).reversed()))
            }
            #expect(try await first.size().checkpoints == 640)
        }
    }

    @Test(arguments: Drivers.checkpointers)
    func `the same save asked for many times at once takes effect once`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withTwoClients { first, second in
            var writer = try await Writer.open("s", in: first)
            for _ in 0..<5 {
                let save = writer.draft()
                try await withThrowingTaskGroup { group in
                    for store in [first, second, first, second] {
                        group.addTask { try await store.save(save) }
                    }
                    try await group.waitForAll()
                }
                writer = try await Writer.open("s", in: second)
            }
            #expect(try await first.steps(of: "s") == [5, 4, 3, 2, 1])
        }
    }
}
