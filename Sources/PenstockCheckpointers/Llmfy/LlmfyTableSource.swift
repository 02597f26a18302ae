import PenstockJSON
import PenstockModel
import PenstockSQL

/// The sessions of a table that only llmfy has written to, which is not changed: not by a column either.
struct LlmfyTableSource: CopySource {
    /// Which of llmfy's two formats a table has.
    enum Format: Sendable {
        /// That of 0.4.11 to 0.10.1, whose columns are ours too.
        case shared
        /// That of 0.11.
        case later

        init?(columns: Set<String>) {
            if columns.isSuperset(of: [
                "checkpoint_id", "session_id", "timestamp", "node_name", "step", "state",
            ]) {
                self = .shared
            } else if columns.isSuperset(of: [
                "checkpoint_id", "session_id", "run_id", "created_at", "node", "prev_node", "step",
                "updated_fields",
                "attempt", "dispatch_id", "state",
            ]) {
                self = .later
            } else {
                return nil
            }
        }
    }

    private let database: any SQLDatabase
    private let format: Format
    private let outlines = LlmfyOutlines()
    /// The ids of all sessions.
    private let sessionIDs: SQLTemplate
    /// Session. Its rows without their states, oldest first.
    private let rows: SQLTemplate
    /// Checkpoint, session.
    private let checkpoint: SQLTemplate

    init(on database: any SQLDatabase, dialect: any SQLDialect, table: String, format: Format) {
        self.database = database
        self.format = format
        let table = dialect.quoted(table)
        let key = dialect.byBytes("session_id")
        let isSession = "session_id = $1 AND \(key) = \(dialect.byBytes("$1"))"
        func statement(_ text: String) -> SQLTemplate { SQLTemplate(text, dialect.places) }
        sessionIDs = statement("SELECT MIN(session_id) FROM \(table) GROUP BY \(key) ORDER BY \(key)")
        switch format {
        case .shared:
            rows = statement(
                """
                SELECT checkpoint_id, step, timestamp FROM \(table) WHERE \(isSession)
                ORDER BY step, CASE WHEN node_name = '__start__' THEN 1 ELSE 0 END, timestamp, checkpoint_id
                """)
            checkpoint = statement(
                """
                SELECT checkpoint_id, session_id, timestamp, node_name, step, state, NULL, NULL, NULL, NULL, NULL, NULL
                FROM \(table) WHERE \(isSession) AND checkpoint_id = $2
                """)
        case .later:
            rows = statement(
                """
                SELECT checkpoint_id, step, created_at, SUBSTR(state, 1, 12) FROM \(table) WHERE \(isSession)
                """)
            checkpoint = statement(
                """
                SELECT checkpoint_id, session_id, node, state, run_id, prev_node, step,
                \(dialect.asText("updated_fields")), attempt, dispatch_id
                FROM \(table) WHERE \(isSession) AND checkpoint_id = $2
                """)
        }
    }

    func eachPageOfSessions(
        _ use: ([SessionID]) async throws(CheckpointerError) -> Void
    ) async throws(CheckpointerError) {
        let ids = try await read(sessionIDs(), about: "the sessions") { row throws(SQLError) in
            SessionID(unchecked: try row.text(at: 0))
        }
        try await use(ids)
    }

    func head(of session: SessionID) async throws(CheckpointerError) -> SessionHead {
        switch format {
        case .shared:
            return SessionHead(record: nil, latest: try await marks(of: session).last?.id)
        case .later:
            return try await outline(of: session, anew: true)?.head ?? SessionHead(record: nil, latest: nil)
        }
    }

    func record(of session: SessionID) async throws(CheckpointerError) -> SessionRecord? {
        if format == .later { return try await outline(of: session)?.record }
        let rows = try await read(rows([.text(session.text)]), about: "session \(session)") {
            row throws(SQLError) in (step: Int(try row.integer(at: 1)), time: try row.timestamp(at: 2))
        }
        guard let last = rows.last, let first = rows.first else { return nil }
        let times = rows.map(\.time)
        return SessionRecord(
            id: session, epoch: 0, owner: "", head: last.step, created: times.min() ?? first.time,
            updated: times.max() ?? last.time)
    }

    func marks(of session: SessionID) async throws(CheckpointerError) -> [CheckpointMark] {
        if format == .later { return try await outline(of: session)?.marks ?? [] }
        return try await read(rows([.text(session.text)]), about: "session \(session)") {
            row throws(SQLError) in
            CheckpointMark(id: CheckpointID(try row.text(at: 0)), step: Int(try row.integer(at: 1)))
        }
    }

    func checkpoints(
        firstOf ids: ArraySlice<CheckpointID>, of session: SessionID, upTo bytes: Int
    ) async throws(CheckpointerError) -> (found: [Checkpoint], looked: Int) {
        let commands = ids.map { checkpoint([.text(session.text), .text($0.text)]) }
        let places = format == .later ? try await outline(of: session)?.places ?? [:] : nil
        return try await reading(about: "a checkpoint of session \(session)") { connection throws(SQLError) in
            var portion = CopyPortion(limit: bytes)
            for command in commands {
                var found: Checkpoint?
                if let row = try connection.run(command).rows.first {
                    if let places {
                        found = try row.llmfyCheckpoint(at: places)
                    } else {
                        found = try row.checkpoint()
                    }
                }
                guard portion.takes(found?.state.count ?? 0) else { break }
                portion.add(found)
            }
            return (portion.found, portion.looked)
        }
    }

    /// llmfy knows no jobs.
    func jobs(
        of session: SessionID, limit: Int, after job: JobID?
    ) async throws(CheckpointerError) -> [JobRecord] { [] }

    func close() async { await database.close() }

    private func outline(
        of session: SessionID, anew: Bool = false
    ) async throws(CheckpointerError) -> LlmfyOutline? {
        try await outlines.outline(of: session, anew: anew) { () async throws(CheckpointerError) in
            let found = try await read(rows([.text(session.text)]), about: "session \(session)") {
                row throws(SQLError) in
                LlmfyOutline.Row(
                    id: CheckpointID(try row.text(at: 0)), created: try row.timestamp(at: 2),
                    step: Int(try row.integer(at: 1)), beginning: try row.bytes(at: 3))
            }
            return try LlmfyOutline(found, of: session)
        }
    }

    private func read<Value: Sendable>(
        _ command: SQLCommand, about subject: String,
        _ use: @escaping @Sendable (SQLRow) throws(SQLError) -> Value
    ) async throws(CheckpointerError) -> [Value] {
        try await reading(about: subject) { connection throws(SQLError) in
            var values: [Value] = []
            for row in try connection.run(command).rows { values.append(try use(row)) }
            return values
        }
    }

    private func reading<Value: Sendable>(
        about subject: String, _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(CheckpointerError) -> Value {
        do throws(SQLError) {
            return try await database.read(body)
        } catch {
            throw CheckpointerError(error, about: subject)
        }
    }
}

extension SQLRow {
    /// A row of llmfy 0.11's, if it has a place.
    fileprivate func llmfyCheckpoint(
        at places: [CheckpointID: LlmfyOutline.Place]
    ) throws(SQLError) -> Checkpoint? {
        let id = CheckpointID(try text(at: 0))
        guard let place = places[id] else { return nil }
        let state = try bytes(at: 3)
        let stored = try bytes(at: 7)
        let (parsed, fields): (JSON, JSON)
        do throws(JSONError) {
            (parsed, fields) = (try JSON(parsing: state), try JSON(parsing: stored))
        } catch {
            throw .unreadable(reason: "Checkpoint \(id) holds no JSON: \(error)")
        }
        guard parsed.object != nil else {
            throw .unreadable(reason: "The state of checkpoint \(id) is \(parsed.kind), not an object.")
        }
        let rest: [(String, JSON)] = [
            ("run_id", JSON(try text(at: 4))), ("prev_node", JSON(try text(at: 5))),
            ("step", JSON(try integer(at: 6))), ("updated_fields", fields),
            ("attempt", try optionalInteger(at: 8).map { JSON($0) } ?? .null),
            ("dispatch_id", try optionalText(at: 9).map { JSON($0) } ?? .null),
        ]
        let row = LlmfyRow(
            id: id, session: SessionID(unchecked: try text(at: 1)), node: try text(at: 2), state: state,
            rest: JSONObject(rest))
        return row.checkpoint(at: place)
    }
}
