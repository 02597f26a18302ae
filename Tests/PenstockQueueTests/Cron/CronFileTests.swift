import PenstockJSON
import PenstockModel
import PenstockQueue
import Testing

@Suite("Cron entries from a file", .timeLimit(.minutes(1)))
struct CronFileTests {
    private func file(_ text: String, at path: String = "cron.json") throws -> CronFile {
        try CronFile(Array(text.utf8), at: path, maxMessageBytes: 1 << 20)
    }

    private func outcome(
        added: [String] = [], changed: [String] = [], removed: [String] = [], leftOut: [String] = []
    ) -> CronFileOutcome {
        var outcome = CronFileOutcome()
        outcome.added = added
        outcome.changed = changed
        outcome.removed = removed
        outcome.leftOut = leftOut
        return outcome
    }

    private let two = #"{"a":{"cron":"@daily","flow":"f"},"b":{"cron":"@hourly","flow":"f"}}"#

    @Test func `entries come and go with the file, and those added by command stay`() async throws {
        let bench = try await QueueBench.make()
        try await bench.addCron("mine", "@weekly")
        #expect(try await bench.inspector.apply(file(two)) == outcome(added: ["a", "b"]))
        let before = try await bench.cronContents()
        #expect(try await bench.inspector.apply(file(two)) == outcome())
        #expect(try await bench.cronContents() == before)
        let next = #"{"b":{"cron":"@hourly","flow":"g"},"c":{"cron":"@hourly","flow":"f"}}"#
        #expect(
            try await bench.inspector.apply(file(next))
                == outcome(added: ["c"], changed: ["b"], removed: ["a"]))
        #expect(try await bench.inspector.crons().map(\.name) == ["b", "c", "mine"])
        #expect(try await bench.inspector.apply(file("{}")) == outcome(removed: ["b", "c"]))
        #expect(try await bench.inspector.crons().map(\.name) == ["mine"])
    }

    @Test func `an entry that was added by command is not the file's`() async throws {
        let bench = try await QueueBench.make()
        try await bench.addCron("a", "@weekly")
        #expect(try await bench.inspector.apply(file(two)) == outcome(added: ["b"], leftOut: ["a"]))
        #expect(try await bench.inspector.cron("a")?.origin == CronStanding.byCommand)
        // Replaced by command, an entry of the file is the file's no more.
        #expect(try await bench.addCron("b", "@weekly", replaces: true) == .changed)
        #expect(try await bench.inspector.apply(file("{}")) == outcome())
        #expect(try await bench.inspector.crons().map(\.name) == ["a", "b"])
    }

    @Test func `another file takes an entry over, and leaves the rest alone`() async throws {
        let bench = try await QueueBench.make()
        _ = try await bench.inspector.apply(file(two))
        let other = try file(#"{"b":{"cron":"@hourly","flow":"f"}}"#, at: "other.json")
        #expect(try await bench.inspector.apply(other) == outcome(changed: ["b"]))
        #expect(try await bench.inspector.cron("b")?.origin == "file:other.json")
        #expect(try await bench.inspector.apply(file("{}")) == outcome(removed: ["a"]))
    }

    @Test func `a pause outlives the file`() async throws {
        let bench = try await QueueBench.make()
        _ = try await bench.inspector.apply(file(two))
        _ = try await bench.inspector.pause("a")
        let changed = #"{"a":{"cron":"@weekly","flow":"f"},"b":{"cron":"@hourly","flow":"f"}}"#
        #expect(try await bench.inspector.apply(file(changed)) == outcome(changed: ["a"]))
        #expect(try await bench.inspector.cron("a")?.isPaused == true)
    }

    @Test func `workers that start at once with one file agree`() async throws {
        let bench = try await QueueBench.make()
        let file = try file(two)
        let outcomes = try await withThrowingTaskGroup(of: CronFileOutcome.self) { group in
            for _ in 0..<8 { group.addTask { try await bench.inspector.apply(file) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.flatMap(\.added).sorted() == ["a", "b"])
        #expect(outcomes.allSatisfy { $0.changed.isEmpty && $0.removed.isEmpty })
    }

    @Test(arguments: [
        ("[", ["cron.json is no JSON: "]),
        ("[]", ["cron.json has to hold one JSON object, not an array"]),
        (#"{"a":5}"#, [#"cron.json: "a": an entry is a JSON object, not an integer"#]),
        (
            #"{"a b":{},"c":{"cron":"61 * * * *","flow":"f"},"d":{"cron":"@daily","flow":"f"}}"#,
            [
                #"cron.json: "a b": a cron entry's name is 1 to 100"#,
                #"cron.json: "c": the minute is a number"#,
            ]
        ),
        (#"{"a":{"cron":"@daily","flow":"f"},"a":{}}"#, ["cron.json is no JSON: "]),
    ])
    func `all that is wrong is told at once`(_ text: String, _ starts: [String]) throws {
        let error = #expect(throws: CronFileError.self) { try file(text) }
        let faults = error?.faults ?? []
        #expect(faults.count == starts.count)
        for (fault, start) in zip(faults, starts) { #expect(fault.hasPrefix(start), "\(fault)") }
    }
}
