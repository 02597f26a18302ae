import PenstockModel
import Testing

/// Many who look at sessions and open them with their first saves, all at once.
@Suite(.timeLimit(.minutes(2)))
struct FirstSaveLoadTests {
    @Test(arguments: Drivers.lookedAt)
    func `64 first saves at once each find their own answer, those that are refused too`(
        _ driver: CheckpointerDriver
    ) async throws {
        try await driver.withTwoClients { first, second in
            var writers: [Writer] = []
            for number in 0..<64 {
                let session = SessionID(unchecked: "s-\(number)")
                let job = JobID(unchecked: "job-\(number)")
                if number.isMultiple(of: 4) { _ = try await Writer.open(session, in: second, job: job) }
                writers.append(try await Writer.look(at: session, in: first, job: job))
            }
            // Some are overtaken: of those that are new, and of those that are not.
            let overtaken = Set([3, 4, 17, 40])
            for number in overtaken { _ = try await Writer.open(writers[number].session, in: second) }
            try await withThrowingTaskGroup { group in
                for (number, writer) in writers.enumerated() {
                    group.addTask {
                        var writer = writer
                        guard overtaken.contains(number) else {
                            for _ in 1...3 { try await writer.save() }
                            return
                        }
                        let draft = writer.draft()
                        await #expect(throws: writer.fenced) { try await first.save(draft) }
                    }
                }
                try await group.waitForAll()
            }
            for summary in try await second.sessions(limit: 100, after: nil) {
                let number = try #require(Int(summary.record.id.text.dropFirst(2)))
                #expect(summary.checkpoints == (overtaken.contains(number) ? 0 : 3))
                #expect(summary.record.epoch == writers[number].epoch + 1)
            }
            #expect(try await second.size().checkpoints == 180)
        }
    }

    @Test(arguments: Drivers.lookedAt)
    func `many who look and save at once on one session make one chain`(_ driver: CheckpointerDriver)
        async throws
    {
        try await driver.withTwoClients { first, second in
            let saved = try await withThrowingTaskGroup { group in
                for number in 0..<32 {
                    let store = number.isMultiple(of: 2) ? first : second
                    group.addTask {
                        var saved = 0
                        for _ in 0..<4 {
                            var writer = try await Writer.look(
                                at: "s", in: store, job: JobID(unchecked: "job-\(number)"))
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
                }
                return try await group.reduce(0, +)
            }
            let history = try await first.history(of: "s")
            #expect(saved > 0 && history.map(\.step) == Array((1...saved).reversed()))
            for checkpoint in history {
                #expect(checkpoint.state == Array(#"{"seen":\#(checkpoint.step - 1)}"#.utf8))
            }
        }
    }
}
