import PenstockCheckpointers
import PenstockModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LlmfyTableTests {
    private let startOfFixture = Timestamp(microseconds: 1_767_323_045_678_901)
    private let endOfFixture = Timestamp(microseconds: 1_767_323_045_681_904)

    @Test func `a complete run of llmfy's is opened at its last node`() async throws {
        try await LlmfyTable.with(4) { llmfy in
            let opened = try await llmfy.open().opened
            let latest = try #require(opened.latest)
            #expect(latest.id == "00000000-0000-4000-8000-000000000004")
            #expect(latest.node == "write")
            #expect(latest.step == 3)
            #expect(latest.timestamp == endOfFixture)
            #expect(String(decoding: latest.state, as: UTF8.self).contains(#""ratio": 0.30000000000000004"#))
            #expect(latest.next == nil)
            #expect(latest.epoch == nil)
            #expect(latest.job == nil)
            #expect(latest.run == nil)
            #expect(latest.runStep == nil)
            #expect(latest.metadata == nil)
            #expect(opened.start == nil)
            #expect(opened.record.epoch == 1)
            #expect(opened.record.head == 3)
            #expect(opened.record.flow == nil)
            #expect(opened.record.status == nil)
            #expect(opened.record.created == startOfFixture)
        }
    }

    @Test(arguments: [(2, "fetch"), (3, "score")])
    func `a run that stopped in the middle is opened where it stopped`(_ rows: Int, _ node: String)
        async throws
    {
        try await LlmfyTable.with(rows) { llmfy in
            var writer = try await llmfy.open()
            #expect(writer.opened.latest?.node == node)
            #expect(writer.opened.start == nil)
            #expect(writer.seen == rows - 1)
            #expect(try await writer.save().step == rows)
        }
    }

    @Test func `a start row beside a node's gives the state but not the position`() async throws {
        try await LlmfyTable.with(2) { llmfy in
            try await llmfy.add("retry", node: "__start__", step: 1, after: 1)
            for _ in 1...3 {
                let opened = try await llmfy.open().opened
                #expect(opened.latest?.node == "fetch")
                #expect(opened.start?.id == "retry")
                #expect(opened.record.head == 1)
            }
            #expect(try await llmfy.store.latest(of: LlmfyTable.session)?.id == "retry")
            var writer = try await llmfy.open()
            try await writer.save("score")
            let opened = try await llmfy.open().opened
            #expect(opened.latest?.node == "score")
            #expect(opened.start == nil)
        }
    }

    @Test func `a start row alone gives the state`() async throws {
        try await LlmfyTable.with(1) { llmfy in
            var writer = try await llmfy.open()
            #expect(writer.opened.latest == nil)
            #expect(writer.opened.start?.node == "__start__")
            #expect(writer.seen == 0)
            #expect(try await writer.save().step == 1)
        }
    }

    @Test func `of equal steps the later row counts, and the start row is the latest`() async throws {
        try await LlmfyTable.with(2) { llmfy in
            try await llmfy.add("chunk-2", node: "score", step: 2, after: 2)
            try await llmfy.add("chunk-1", node: "score", step: 2, after: 1)
            try await llmfy.add("retry-1", node: "__start__", step: 2, after: -9)
            try await llmfy.add("retry-2", node: "__start__", step: 2, after: -8)
            let opened = try await llmfy.open().opened
            #expect(opened.latest?.id == "chunk-2")
            #expect(opened.start?.id == "retry-2")
            let ids = try await llmfy.store.checkpoints(of: LlmfyTable.session, limit: 4, before: nil).map(
                \.id)
            #expect(ids == ["retry-2", "retry-1", "chunk-2", "chunk-1"])
        }
    }

    @Test func `what llmfy writes after us is in the summary at once, and becomes the head at the next open`()
        async throws
    {
        try await LlmfyTable.with(2) { llmfy in
            var writer = try await llmfy.open()
            try await writer.save("score")
            let tenYears: Int64 = 315_360_000_000
            try await llmfy.add("write", node: "write", step: 3, after: tenYears)
            let summary = try #require(try await llmfy.store.session(LlmfyTable.session))
            #expect(summary.record.head == 3)
            #expect(summary.record.updated == endOfFixture.advanced(by: .milliseconds(tenYears)))
            #expect(summary.record.flow == "sample")
            #expect(try await llmfy.store.sessions(limit: 1, after: nil) == [summary])
            let opened = try await llmfy.open().opened
            #expect(opened.latest?.id == "write")
            #expect(opened.record.head == 3)
            #expect(opened.record.epoch == 2)
        }
    }

    @Test func `a session that llmfy wrote last is not opened by a save`() async throws {
        try await LlmfyTable.with(2) { llmfy in
            let store = llmfy.store
            #expect(try await store.look(at: LlmfyTable.session, for: "job-1") == nil)
            var writer = try await llmfy.open()
            try await writer.save("score")
            #expect(try await store.look(at: LlmfyTable.session, for: "job-1")?.latest?.step == 2)
            try await llmfy.add("start", node: "__start__", step: 2, after: 1)
            #expect(try await store.look(at: LlmfyTable.session, for: "job-1") == nil)
            try await llmfy.add("write", node: "write", step: 3, after: 2)
            #expect(try await store.look(at: LlmfyTable.session, for: "job-1") == nil)
        }
    }

    @Test func `what we write is what llmfy reads`() async throws {
        try await LlmfyTable.with(2) { llmfy in
            var writer = try await llmfy.open()
            let state =
                #"{"messages": ["é \ud83d\ude00"], "ratio": 1.0, "huge": 100000000000000000000, "nan": NaN}"#
            let saved = try await writer.save(
                "score", state: state, timestamp: Timestamp(microseconds: endOfFixture.microseconds + 120_000)
            )
            #expect(
                try await llmfy.latestByLlmfy() == [
                    saved.id.text, "2026-01-02 03:04:05.801904", "score", "2", state,
                ])
            #expect(
                try await llmfy.scratch.query(
                    "SELECT typeof(timestamp), typeof(step), typeof(state) FROM llmfy_checkpoint WHERE step = 2"
                )
                    == [["text", "integer", "text"]])
        }
    }

    @Test func `llmfy's table keeps its indexes and columns, and gets ours as nullable ones`() async throws {
        try await LlmfyTable.with(4) { llmfy in
            let columns = try await llmfy.scratch.query(
                "SELECT name, \"notnull\" FROM pragma_table_info('llmfy_checkpoint') ORDER BY cid")
            #expect(
                columns == [
                    ["checkpoint_id", "1"], ["session_id", "1"], ["timestamp", "1"], ["node_name", "1"],
                    ["step", "1"], ["state", "1"], ["next", "0"], ["epoch", "0"], ["job_id", "0"],
                    ["run", "0"],
                    ["run_step", "0"], ["metadata", "0"],
                ])
            #expect(try await indexes(llmfy.scratch) == ["idx_llmfy_session_step"] + llmfyIndexes)
        }
    }

    @Test func `a table that we make for llmfy is as llmfy would make it, with our columns after its own`()
        async throws
    {
        let scratch = try ScratchFolder()
        try await SQLCheckpointer.sqlite(path: scratch.file, tablePrefix: "llmfy_").close()
        try await LlmfyTable.with(4) { llmfy in
            let columns =
                "SELECT name, type, \"notnull\", pk FROM pragma_table_info('llmfy_checkpoint') ORDER BY cid"
            let theirs = try await llmfy.scratch.query(columns)
            #expect(try await scratch.query(columns) == theirs)
            let theirIndexes = try await indexes(llmfy.scratch)
            #expect(try await indexes(scratch) == theirIndexes)
        }
    }

    private let llmfyIndexes = ["idx_thread_timestamp", "ix_llmfy_checkpoint_session_id"]

    private func indexes(_ scratch: ScratchFolder) async throws -> [String] {
        try await scratch.query(
            """
            SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'llmfy_checkpoint' AND sql IS NOT NULL
            ORDER BY name
            """
        ).compactMap(\.first)
    }

    @Test func `a session that only llmfy wrote is listed with epoch 0, and can be reset`() async throws {
        try await LlmfyTable.with(4) { llmfy in
            let store = llmfy.store
            let summary = try #require(try await store.session(LlmfyTable.session))
            #expect(summary.record.epoch == 0)
            #expect(summary.record.owner == "")
            #expect(summary.record.head == 3)
            #expect(summary.record.flow == nil)
            #expect(summary.record.created == startOfFixture)
            #expect(summary.record.updated == endOfFixture)
            #expect(summary.checkpoints == 4)
            #expect(try await store.sessions(limit: 10, after: nil) == [summary])
            #expect(try await store.size().sessions == 1)
            try await store.reset(LlmfyTable.session)
            let record = try #require(try await store.session(LlmfyTable.session)).record
            #expect(record.epoch == 1)
            #expect(record.head == 3)
            #expect(try await store.history(of: LlmfyTable.session).isEmpty)
        }
    }

    @Test func `a row that cannot be read is named, and stays as it is`() async throws {
        try await LlmfyTable.with(4) { llmfy in
            try await llmfy.scratch.script("UPDATE llmfy_checkpoint SET timestamp = 'soon' WHERE step = 3")
            await #expect {
                try await llmfy.open()
            } throws: { error in
                guard case CheckpointerError.unreadable(let what, let reason) = error else { return false }
                return what.contains("sess-1") && reason.contains("soon")
            }
            #expect(
                try await llmfy.scratch.query("SELECT timestamp FROM llmfy_checkpoint WHERE step = 3") == [
                    ["soon"]
                ])
            var other = try await Writer.open("other", in: llmfy.store)
            try await other.save()
        }
    }
}
