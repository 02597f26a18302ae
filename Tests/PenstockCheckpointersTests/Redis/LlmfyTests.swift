import PenstockCheckpointers
import PenstockJSON
import PenstockModel
import PenstockRedis
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LlmfyTests {
    @Test func `a complete run of llmfy's is opened at its last node`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            let opened = try await llmfy.open().opened
            let latest = try #require(opened.latest)
            #expect(latest.node == "write")
            #expect(latest.step == 3)
            #expect(latest.id == "00000000-0000-4000-8000-000000000004")
            #expect(latest.timestamp == Timestamp(microseconds: 1_767_323_045_681_904))
            #expect(latest.state == Array(try LlmfyRows.state(3).utf8))
            #expect(latest.next == nil)
            #expect(latest.epoch == nil)
            #expect(latest.job == nil)
            #expect(latest.run == nil)
            #expect(opened.start == nil)
            #expect(opened.record.epoch == 1)
            #expect(opened.record.head == 3)
            #expect(opened.record.flow == nil)
            #expect(opened.record.status == nil)
            #expect(opened.record.created == Timestamp(microseconds: 1_767_323_045_678_901))
            #expect(opened.record.updated == latest.timestamp)
        }
    }

    @Test func `a run that stopped after its first node is opened there`() async throws {
        try await LlmfyRows.with(2) { llmfy in
            let opened = try await llmfy.open().opened
            #expect(opened.latest?.node == "fetch")
            #expect(opened.start == nil)
            #expect(opened.record.head == 1)
        }
    }

    @Test func `a start row beside a node's gives the state but not the position`() async throws {
        try await LlmfyRows.with(2) { llmfy in
            try await llmfy.add(id: "retry", node: "__start__", step: 1, after: 1)
            // It counts until a node is committed, for whoever opens.
            for _ in 1...3 {
                let opened = try await llmfy.open().opened
                #expect(opened.latest?.node == "fetch")
                #expect(opened.start?.id == "retry")
                #expect(opened.start?.state == Array(#"{"by": "__start__"}"#.utf8))
                #expect(opened.record.head == 1)
            }
            var writer = try await llmfy.open()
            try await writer.save("score")
            let opened = try await llmfy.open().opened
            #expect(opened.latest?.node == "score")
            #expect(opened.start == nil)
        }
    }

    @Test func `a start row alone gives the state`() async throws {
        try await LlmfyRows.with(1) { llmfy in
            var writer = try await llmfy.open()
            #expect(writer.opened.latest == nil)
            #expect(writer.opened.start?.state == Array(try LlmfyRows.state(0).utf8))
            #expect(writer.opened.record.head == 0)
            #expect(try await writer.save().step == 1)
        }
    }

    @Test func `many start rows do not hide the last node`() async throws {
        try await LlmfyRows.with(2) { llmfy in
            for number in 1...40 {
                try await llmfy.add(id: "retry-\(number)", node: "__start__", step: 1, after: Int64(number))
            }
            let opened = try await llmfy.open().opened
            #expect(opened.latest?.node == "fetch")
            #expect(opened.start?.id == "retry-40")
        }
    }

    @Test func `rows of one moment are told apart by their steps`() async throws {
        try await LlmfyRows.with(2) { llmfy in
            for (id, step) in [("z", 2), ("y", 4), ("x", 3), ("a", 5)] {
                try await llmfy.add(id: id, node: "loop", step: step, after: 1)
            }
            #expect(try await llmfy.store.latest(of: LlmfyRows.session)?.step == 5)
            #expect(try await llmfy.store.steps(of: LlmfyRows.session) == [5, 4, 3, 2, 1, 0])
            #expect(try await llmfy.open().opened.latest?.id == "a")
            let page = try await llmfy.store.checkpoints(of: LlmfyRows.session, limit: 2, before: 4)
            #expect(page.map(\.step) == [3, 2])
        }
    }

    @Test func `a session that only llmfy wrote is listed with epoch 0`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            let summary = try #require(try await llmfy.store.session(LlmfyRows.session))
            #expect(summary.record.epoch == 0)
            #expect(summary.record.owner == "")
            #expect(summary.record.head == 3)
            #expect(summary.record.flow == nil)
            #expect(summary.record.created == Timestamp(microseconds: 1_767_323_045_678_901))
            #expect(summary.record.updated == Timestamp(microseconds: 1_767_323_045_681_904))
            #expect(summary.checkpoints == 4)
            #expect(summary.bytes > 0)
            #expect(try await llmfy.store.sessions(limit: 10, after: nil) == [summary])
            #expect(try await llmfy.store.size().checkpoints == 4)
            #expect(
                try await llmfy.store.history(of: LlmfyRows.session).map(\.node)
                    == ["write", "score", "fetch", "__start__"])
        }
    }

    @Test func `what llmfy writes after us is in the summary at once`() async throws {
        try await LlmfyRows.with(2) { llmfy in
            var writer = try await llmfy.open()
            try await writer.save("score")
            let ours = try #require(try await llmfy.store.session(LlmfyRows.session)).record
            let tenYears: Int64 = 315_360_000_000
            try await llmfy.add(id: "write", node: "write", step: 3, after: tenYears)
            let summary = try #require(try await llmfy.store.session(LlmfyRows.session))
            #expect(ours.head == 2)
            #expect(summary.record.head == 3)
            let end = Timestamp(microseconds: 1_767_323_045_681_904)
            #expect(summary.record.updated == end.advanced(by: .milliseconds(tenYears)))
            #expect(ours.updated < summary.record.updated)
            #expect(summary.record.flow == "sample")
            #expect(try await llmfy.store.sessions(limit: 10, after: nil) == [summary])
        }
    }

    @Test func `a session that llmfy wrote last is not opened by a save`() async throws {
        try await LlmfyRows.with(2) { llmfy in
            let store = llmfy.store
            #expect(try await store.look(at: LlmfyRows.session, for: "job-1") == nil)
            var writer = try await llmfy.open()
            try await writer.save("score")
            let looker = try await Writer.look(at: LlmfyRows.session, in: store)
            #expect(looker.opened.latest?.step == 2)
            try await llmfy.add(id: "start", node: "__start__", step: 2, after: 1)
            #expect(try await store.look(at: LlmfyRows.session, for: "job-1") == nil)
            try await llmfy.add(id: "write", node: "write", step: 3, after: 2)
            #expect(try await store.look(at: LlmfyRows.session, for: "job-1") == nil)
        }
    }

    @Test func `what llmfy writes between a look and the first save keeps a new session from being made`()
        async throws
    {
        try await LlmfyRows.with(0) { llmfy in
            let looker = try await Writer.look(at: LlmfyRows.session, in: llmfy.store)
            try await llmfy.add(id: "theirs", node: "write", step: 1, after: 1)
            await #expect(throws: looker.fenced) { try await llmfy.store.save(looker.draft()) }
            await #expect(throws: looker.fenced) {
                try await llmfy.store.save(looker.draftWithoutCheckpoint())
            }
            #expect(try await llmfy.open().opened.latest?.id == "theirs")
        }
    }

    @Test func `of equal steps the start row is listed as the later`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            try await llmfy.add(id: "again", node: "__start__", step: 3, after: 1)
            let nodes = try await llmfy.store.checkpoints(of: LlmfyRows.session, limit: 2, before: nil).map(
                \.node)
            #expect(nodes == ["__start__", "write"])
        }
    }

    @Test func `we go on where llmfy stopped, and it where we stopped`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            var writer = try await llmfy.open()
            #expect(try await writer.save("fetch").step == 4)
            #expect(try await llmfy.open().opened.latest?.step == 4)

            try await llmfy.add(id: "theirs", node: "score", step: 5, after: 100)
            var next = try await llmfy.open()
            #expect(next.opened.record.head == 5)
            #expect(next.opened.latest?.id == "theirs")
            #expect(next.opened.record.flow == "sample")
            try await next.save("write")
            #expect(try await llmfy.store.steps(of: LlmfyRows.session) == [6, 5, 4, 3, 2, 1, 0])
            #expect(try await llmfy.newest() == "write")
            #expect(try await llmfy.store.session(LlmfyRows.session)?.checkpoints == 7)
        }
    }

    @Test func `what llmfy wrote by a clock that is behind ours is found`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            var writer = try await llmfy.open()
            try await writer.save("fetch", timestamp: Timestamp(microseconds: 1_900_000_000_000_000))
            try await llmfy.add(id: "theirs", node: "score", step: 5, after: 1)
            var next = try await llmfy.open()
            #expect(next.opened.latest?.id == "theirs")
            #expect(next.opened.record.head == 5)
            try await next.save("write")
            #expect(try await llmfy.open().opened.latest?.node == "write")
            #expect(try await llmfy.newest() == "write")
        }
    }

    @Test func `an id whose checkpoint is gone is passed over`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            _ = try await llmfy.client.send(
                RedisCommand("DEL", llmfy.prefix + "checkpoint:00000000-0000-4000-8000-000000000004"))
            #expect(try await llmfy.open().opened.latest?.node == "score")
            #expect(try await llmfy.store.latest(of: LlmfyRows.session)?.node == "score")
            #expect(try await llmfy.store.steps(of: LlmfyRows.session) == [2, 1, 0])
        }
    }

    @Test func `a row of a later llmfy is refused with a sentence`() async throws {
        try await LlmfyRows.with(0) { llmfy in
            _ = try await llmfy.client.send(
                RedisCommand(
                    "SET", llmfy.prefix + "checkpoint:new",
                    #"{"checkpoint_id": "new", "session_id": "sess-1", "run_id": "r", "#
                        + #""created_at": "2026-01-02T03:04:05+00:00", "node": "a", "step": 1, "state": {}}"#)
            )
            _ = try await llmfy.client.send(RedisCommand("ZADD", llmfy.prefix + "session:sess-1", "1", "new"))
            await #expect {
                _ = try await llmfy.open()
            } throws: { error in
                guard case CheckpointerError.unreadable(_, let reason) = error else { return false }
                return reason.contains("llmfy 0.11")
            }
        }
    }

    @Test(arguments: [
        "", "no JSON", "[1]", #"{"step":1}"#, #"{"node_name":"a"}"#,
        #"{"checkpoint_id":"c","session_id":"sess-1","timestamp":"x","node_name":"a","step":1,"state":"{}"}"#,
        #"{"checkpoint_id":"c","session_id":"sess-1","timestamp":"2026-01-02","node_name":"a","step":1,"state":{}}"#,
    ])
    func `what is no checkpoint is reported, not taken for an empty session`(_ text: String) async throws {
        try await LlmfyRows.with(0) { llmfy in
            _ = try await llmfy.client.send(RedisCommand("SET", llmfy.prefix + "checkpoint:c", text + " "))
            _ = try await llmfy.client.send(RedisCommand("ZADD", llmfy.prefix + "session:sess-1", "1", "c"))
            func isUnreadable(_ error: any Error) -> Bool {
                if case CheckpointerError.unreadable = error { true } else { false }
            }
            await #expect { _ = try await llmfy.open() } throws: { isUnreadable($0) }
            await #expect { try await llmfy.store.latest(of: LlmfyRows.session) } throws: { isUnreadable($0) }
        }
    }

    @Test func `what we write, llmfy reads`() async throws {
        try await LlmfyRows.with(0) { llmfy in
            var writer = try await llmfy.open()
            let state = #"{"ratio": 1.0, "text": "é\n\"", "half": "\ud800", "big": 100000000000000000000}"#
            let saved = try await writer.save("fetch", state: state, metadata: #"{"m":1}"#)
            let stored = try #require(
                try await llmfy.client.send(
                    RedisCommand("GET", llmfy.prefix + "checkpoint:" + saved.id.text)
                ).asBytes)
            let row = try JSON(parsing: stored)
            #expect(row["checkpoint_id"] == .string(saved.id.text))
            #expect(row["session_id"] == "sess-1")
            #expect(row["timestamp"] == .string("2026-01-02T03:04:05.679000+00:00"))
            #expect(row["node_name"] == "fetch")
            #expect(row["step"] == 1)
            #expect(row["state"] == .string(state))
            let score = try await llmfy.client.send(
                RedisCommand("ZSCORE", llmfy.prefix + "session:sess-1", saved.id.text)
            ).asString
            #expect(score.flatMap(Double.init) == 1767323045.679000)
        }
    }

    @Test func `a session of llmfy's can be reset and thinned out, and steps go on`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            #expect(
                try await llmfy.store.delete("00000000-0000-4000-8000-000000000004", of: LlmfyRows.session))
            let opened = try await llmfy.open()
            #expect(opened.opened.latest?.node == "score")
            #expect(opened.opened.record.head == 3)
            try await llmfy.store.reset(LlmfyRows.session)
            await #expect(throws: opened.fenced) { try await llmfy.store.save(opened.draft()) }
            #expect(
                try await llmfy.client.send(RedisCommand("KEYS", llmfy.prefix + "checkpoint:*")) == .array([])
            )
            var writer = try await llmfy.open()
            #expect(try await writer.save().step == 4)
        }
    }

    @Test func `a session of llmfy's that we never opened can be reset`() async throws {
        try await LlmfyRows.with(4) { llmfy in
            try await llmfy.store.reset(LlmfyRows.session)
            let opened = try await llmfy.open().opened
            #expect(opened.record.head == 3)
            #expect(opened.latest == nil)
            #expect(opened.start == nil)
        }
    }
}
