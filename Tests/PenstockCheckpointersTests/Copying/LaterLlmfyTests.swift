import PenstockModel
import PenstockRedis
import PenstockTesting
import Testing

@testable import PenstockCheckpointers

/// Sessions of llmfy 0.11: read for a copy, and by nothing else.
@Suite(.timeLimit(.minutes(1)))
struct LaterLlmfyTests {
    /// What has to have arrived, whatever store it came from.
    private func expectImported(in target: any CopyTarget & Checkpointer) async throws {
        let history = try await target.history(of: LaterLlmfy.session).reversed()
        #expect(history.map(\.id.text) == ["b1", "b2", "b3", "a1", "a2"])
        #expect(history.map(\.step) == [1, 2, 3, 4, 5])
        #expect(history.map(\.node) == ["fetch", "score", "write", "fetch", "score"])
        for (checkpoint, row) in zip(history, LaterLlmfy.rows) {
            #expect(String(decoding: checkpoint.state, as: UTF8.self) == row.state)
            #expect(
                checkpoint.metadata.map { String(decoding: $0, as: UTF8.self) } == LaterLlmfy.metadata(row))
            #expect(checkpoint.next == nil && checkpoint.epoch == nil && checkpoint.job == nil)
        }
        let start = LaterLlmfy.time(LaterLlmfy.rows[0])
        #expect(history.map(\.timestamp) == [0, 5, 9, 12, 13].map { start.advanced(by: .milliseconds($0)) })
        let record = try #require(try await target.session(LaterLlmfy.session)?.record)
        #expect(record.epoch == 0 && record.head == 5 && record.flow == nil)
        var writer = try await Writer.open(LaterLlmfy.session, in: target)
        #expect(writer.opened.latest?.id == "a2")
        #expect(writer.opened.start == nil)
        #expect(try await writer.save("write").step == 6)
    }

    private func expectCopied(from source: any CopySource) async throws {
        try await CheckpointerDriver.sqlite.withCopyTarget { target in
            let report = try await StoreCopy(from: source, to: target).run()
            #expect(report.sessions == 1)
            #expect(report.checkpoints == 5)
            #expect(report.isComplete)
            #expect(try await StoreCopy(from: source, to: target).run().alreadyThere == 1)
            try await expectImported(in: target)
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `a table is copied, and stays as it is`(_ kind: SQLPlace.Kind) async throws {
        let place = try await LaterLlmfy.make(kind)
        let before = try await place.query("SELECT * FROM llmfy_checkpoint ORDER BY checkpoint_id")
        let source = try await CopySources.source(
            on: try await place.database(), dialect: place.dialect, prefix: try TablePrefix("llmfy_"))
        try await expectCopied(from: source)
        await source.close()
        #expect(try await place.query("SELECT * FROM llmfy_checkpoint ORDER BY checkpoint_id") == before)
    }

    @Test func `keys in Redis are copied, the indexes of runs not taken for sessions`() async throws {
        try await LaterLlmfy.withRedis { client, prefix in
            try await expectCopied(from: RedisCopySource(client, prefix: prefix))
        }
    }

    @Test(arguments: Drivers.replicas)
    func `it is copied into every store`(_ driver: CheckpointerDriver) async throws {
        try await LaterLlmfy.withRedis { client, prefix in
            try await driver.withCopyTarget { target in
                let source = RedisCopySource(client, prefix: prefix)
                #expect(try await StoreCopy(from: source, to: target).run().isComplete)
                try await expectImported(in: target)
            }
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `such a table is not opened as a store, and the way out is named`(_ kind: SQLPlace.Kind) async throws
    {
        let place = try await LaterLlmfy.make(kind)
        await #expect {
            _ = try await place.store("llmfy_")
        } throws: { error in
            guard case CheckpointerError.refused(let reason) = error else { return false }
            return reason.contains("llmfy 0.11") && reason.contains("penstock store copy")
        }
        #expect(try await place.query("SELECT COUNT(*) FROM llmfy_checkpoint") == [["5"]])
    }

    @Test func `such keys are not read by a store, and the way out is named`() async throws {
        try await LaterLlmfy.withRedis { client, prefix in
            let store = RedisCheckpointer(client, prefix: prefix, ownsClient: false)
            let isNamed: (any Error) -> Bool = { error in
                guard case CheckpointerError.unreadable(_, let reason) = error else { return false }
                return reason.contains("llmfy 0.11") && reason.contains("penstock store copy")
            }
            await #expect { _ = try await Writer.open(LaterLlmfy.session, in: store) } throws: { isNamed($0) }
            await #expect { _ = try await store.latest(of: LaterLlmfy.session) } throws: { isNamed($0) }
            await #expect { _ = try await store.history(of: LaterLlmfy.session) } throws: { isNamed($0) }
            await #expect { _ = try await store.sessions(limit: 9, after: nil) } throws: { isNamed($0) }
        }
    }

    @Test func `sessions of before and after 0.11 stand side by side in Redis`() async throws {
        try await LaterLlmfy.withRedis(
            rows: LaterLlmfy.rows.map { row in
                var row = row
                row.session = "later"
                return row
            }
        ) { client, prefix in
            let llmfy = LlmfyRows(
                client: client, prefix: prefix, store: RedisCheckpointer(client, prefix: prefix))
            for row in try LlmfyRows.fixture() { try await llmfy.add(row) }
            let target = MemoryCheckpointer()
            let report = try await StoreCopy(from: RedisCopySource(client, prefix: prefix), to: target).run()
            #expect(report.sessions == 2)
            #expect(report.checkpoints == 9)
            #expect(try await target.latest(of: "later")?.step == 5)
            #expect(try await target.latest(of: LlmfyRows.session)?.step == 3)
        }
    }

    @Test(arguments: [
        (#""eJyrVspTsjKsBQAKIgJu""#, "compressed"), (#""Z0FBQUFBQm9iMDE=""#, "encrypted"),
        ("[1]", "compressed or encrypted"),
    ])
    func `a packed state in Redis is refused with what to do, and nothing of its session copied`(
        _ state: String, _ word: String
    ) async throws {
        try await LaterLlmfy.withRedis { client, prefix in
            var row = LaterLlmfy.rows[2]
            row.session = "plain"
            row.id = "other"
            try await LaterLlmfy.add(row, to: client, prefix)
            try await LaterLlmfy.add(LaterLlmfy.rows[1], state: state, to: client, prefix)
            try await expectRefused(word, from: RedisCopySource(client, prefix: prefix))
        }
    }

    @Test(arguments: SQLPlace.Kind.allCases)
    func `packed states in a table are refused with what to do, and nothing of their session copied`(
        _ kind: SQLPlace.Kind
    ) async throws {
        for (bytes, word) in [
            ([0x78, 0x9c, 0xab, 0x56], "compressed"), (Array("gAAAAABo".utf8), "encrypted"),
        ] {
            let place = try await LaterLlmfy.make(kind, rows: LaterLlmfy.rows)
            var row = LaterLlmfy.rows[2]
            row.session = "plain"
            row.id = "other"
            try await place.script(LaterLlmfy.insert(row, bytes: Array(row.state.utf8), kind))
            row.session = "sess-1"
            row.id = "packed"
            try await place.script(LaterLlmfy.insert(row, bytes: bytes, kind))
            let source = try await CopySources.source(
                on: try await place.database(), dialect: place.dialect, prefix: try TablePrefix("llmfy_"))
            try await expectRefused(word, from: source)
            await source.close()
        }
    }

    private func expectRefused(_ word: String, from source: any CopySource) async throws {
        let target = MemoryCheckpointer()
        let report = try await StoreCopy(from: source, to: target).run()
        #expect(report.refused == 1)
        #expect(report.sessions == 1)
        #expect(report.isComplete == false)
        let note = try #require(report.notes.first)
        #expect(note.session == LaterLlmfy.session)
        #expect(note.reason.contains("llmfy 0.11 keeps its states") && note.reason.contains(word))
        #expect(note.reason.contains("without compress and encryption_key"))
        #expect(try await target.sessions(limit: 9, after: nil).map(\.record.id) == ["plain"])
    }
}
