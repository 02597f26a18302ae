package import PenstockModel
package import PenstockRedis

/// The sessions of a Redis prefix as they are copied: what Penstock wrote, what llmfy wrote before 0.11 and from 0.11 on, each session
/// in its own format.
package struct RedisCopySource: CopySource {
    private let store: RedisCheckpointer
    private let outlines = LlmfyOutlines()

    package init(_ client: RedisClient, prefix: String) {
        store = RedisCheckpointer(client, prefix: prefix)
    }

    package func eachPageOfSessions(
        _ use: ([SessionID]) async throws(CheckpointerError) -> Void
    ) async throws(CheckpointerError) {
        try await store.eachPageOfSessions { page async throws(CheckpointerError) in
            var sessions: [SessionID] = []
            for session in page where try await !isIndexOfRun(session) { sessions.append(session) }
            try await use(sessions)
        }
    }

    package func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead {
        guard let outline = try await outline(of: session, anew: true) else {
            return try await store.head(of: session)
        }
        return outline.head
    }

    package func record(of session: SessionID) async throws(CheckpointerError) -> SessionRecord? {
        guard let outline = try await outline(of: session) else { return try await store.record(of: session) }
        return outline.record
    }

    package func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark] {
        guard let outline = try await outline(of: session) else { return try await store.marks(of: session) }
        return outline.marks
    }

    package func checkpoints(
        firstOf ids: ArraySlice<CheckpointID>, of session: SessionID, upTo bytes: Int
    ) async throws(CheckpointerError) -> (found: [Checkpoint], looked: Int) {
        guard let outline = try await outline(of: session) else {
            return try await store.checkpoints(firstOf: ids, of: session, upTo: bytes)
        }
        let ids = try await store.first(of: ids, upTo: bytes)
        let reply = try await store.send(
            RedisCommand("MGET", RedisArguments(ids.map { store.keys.checkpoint($0) })))
        var found: [Checkpoint] = []
        for value in reply.asArray ?? [] {
            guard let bytes = value.asBytes else { continue }
            do throws(JSONFields.Fault) {
                let row = try LlmfyRow(bytes)
                if let place = outline.places[row.id], row.session == session {
                    found.append(row.checkpoint(at: place))
                }
            } catch {
                throw .unreadable(what: "a checkpoint of session \(session)", reason: error.reason)
            }
        }
        return (found, ids.count)
    }

    package func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord] {
        try await store.jobs(of: session, limit: limit, after: job)
    }

    package func close() async { await store.close() }

    // MARK: llmfy 0.11

    private static let rowsAtOnce = 500

    /// `nil` for a session that is in no need of one.
    private func outline(
        of session: SessionID, anew: Bool = false
    ) async throws(CheckpointerError) -> LlmfyOutline? {
        try await outlines.outline(of: session, anew: anew) { () async throws(CheckpointerError) in
            guard let newest = try await rows(of: session, from: -1, to: -1).first, newest.created != ""
            else {
                return nil
            }
            var rows: [LlmfyOutline.Row] = []
            var from = 0
            while true {
                let page = try await self.rows(of: session, from: from, to: from + Self.rowsAtOnce - 1)
                for row in page { rows.append(try row.outlined(in: session)) }
                from += Self.rowsAtOnce
                if page.isEmpty { break }
            }
            return try LlmfyOutline(rows, of: session)
        }
    }

    /// llmfy 0.11 keeps the ids of each run a second time, under a name that could be a session's too.
    private func isIndexOfRun(_ session: SessionID) async throws(CheckpointerError) -> Bool {
        guard session.text.contains(":run:") else { return false }
        let newest = try await rows(of: session, from: -1, to: -1).first
        guard let newest, newest.created != "", newest.session != session.text else { return false }
        return session.text.hasPrefix(newest.session + ":run:")
    }

    private struct Row {
        var id: CheckpointID
        var session: String
        var created: String
        var step: Int
        var beginning: [UInt8]

        func outlined(in session: SessionID) throws(CheckpointerError) -> LlmfyOutline.Row {
            guard created != "" else {
                throw .unreadable(
                    what: "session \(session)",
                    reason: "it has checkpoints of llmfy 0.11 and others; llmfy does not read it either")
            }
            guard let created = Timestamp(created) else {
                throw .unreadable(
                    what: "checkpoint \(id) of session \(session)", reason: "\"created_at\" has to be a time")
            }
            return LlmfyOutline.Row(id: id, created: created, step: step, beginning: beginning)
        }
    }

    private func rows(of session: SessionID, from: Int, to: Int) async throws(CheckpointerError) -> [Row] {
        let reply = try await store.run(
            RedisScripts.llmfyRows, keys: [store.keys.session(session)],
            arguments: RedisArguments(store.keys.checkpoints, from, to))
        guard let answer = reply.asArray, answer.count.isMultiple(of: 5) else {
            throw .unexpected(reply, to: RedisScripts.llmfyRows.name)
        }
        var rows: [Row] = []
        for place in stride(from: 0, to: answer.count, by: 5) {
            guard let id = answer[place].asString, let session = answer[place + 1].asString,
                let created = answer[place + 2].asString, let step = answer[place + 3].asInt,
                let beginning = answer[place + 4].asBytes
            else { throw .unexpected(reply, to: RedisScripts.llmfyRows.name) }
            rows.append(
                Row(
                    id: CheckpointID(id), session: session, created: created, step: step, beginning: beginning
                ))
        }
        return rows
    }
}

extension RedisScripts {
    static let llmfyRows = RedisScript(name: "llmfy_rows", source: PackageResources.llmfy_rows_lua)
}
