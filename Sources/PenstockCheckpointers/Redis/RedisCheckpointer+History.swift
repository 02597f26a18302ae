package import PenstockModel
import PenstockRedis

extension RedisCheckpointer {
    package func latest(of session: SessionID) async throws(CheckpointerError) -> Checkpoint? {
        try await checkpoints(of: session, limit: 1, before: nil).first
    }

    package func checkpoint(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Checkpoint? {
        // Whether the session counts it as its own is asked too: its key may outlive its session's for a while.
        guard try await !send(RedisCommand("ZSCORE", keys.session(session), id.text)).isNull,
            let bytes = try await send(RedisCommand("GET", keys.checkpoint(id))).asBytes
        else { return nil }
        let checkpoint = try RedisCheckpoint.read(bytes, of: session)
        return checkpoint.session == session ? checkpoint : nil
    }

    package func checkpoints(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Checkpoint] {
        guard limit > 0 else { return [] }
        var checkpoints: [Checkpoint] = []
        for ids in Self.portions(of: try await rows(of: session, limit: limit, before: step)) {
            checkpoints += try await self.checkpoints(ids, of: session)
        }
        return checkpoints
    }

    /// A stored checkpoint without its content.
    struct Row {
        var id: CheckpointID
        var step: Int
        /// llmfy's `__start__` row, which is later than another of the same step.
        var isStart: Bool
        var bytes: Int
    }

    /// How many rows a script looks at in one go, which keeps Redis busy for about a millisecond.
    private static let rowsAtOnce = 500
    /// How many rows are looked at beyond what is asked for: as far may the order by time differ from that of the steps where
    /// llmfy has written.
    private static let slack = 16
    /// How many bytes are asked for in one go.
    private static let bytesAtOnce = 4 * 1024 * 1024

    /// The newest rows, newest first.
    func rows(
        of session: SessionID, limit: Int, before step: Int?
    ) async throws(CheckpointerError) -> [Row] {
        var rows: [Row] = []
        var rank = ""
        let wanted = limit < .max - Self.slack ? limit + Self.slack : limit
        while rows.count < wanted {
            let count = min(wanted - rows.count, Self.rowsAtOnce)
            let reply = try await run(
                RedisScripts.rows, keys: [keys.session(session)],
                arguments: RedisArguments(keys.checkpoints, count, step.map { String($0) } ?? "", rank))
            guard let answer = reply.asArray, let next = answer.first?.asInt, answer.count % 4 == 1 else {
                throw .unexpected(reply, to: RedisScripts.rows.name)
            }
            for place in stride(from: 1, to: answer.count, by: 4) {
                guard let id = answer[place].asString, let step = answer[place + 1].asInt,
                    let start = answer[place + 2].asInt, let bytes = answer[place + 3].asInt
                else { throw .unexpected(reply, to: RedisScripts.rows.name) }
                rows.append(Row(id: CheckpointID(id), step: step, isStart: start == 1, bytes: bytes))
            }
            if next < 0 { break }
            rank = String(next)
        }
        // Stable, so that of equal ones the later in time stays in front.
        rows.sort { ($0.step, $0.isStart ? 1 : 0) > ($1.step, $1.isStart ? 1 : 0) }
        return Array(rows.prefix(limit))
    }

    /// The ids in portions that can be asked for in one go.
    private static func portions(of rows: [Row]) -> [[CheckpointID]] {
        var portions: [[CheckpointID]] = []
        var bytes = bytesAtOnce
        for row in rows {
            if bytes + row.bytes > bytesAtOnce {
                portions.append([])
                bytes = 0
            }
            portions[portions.count - 1].append(row.id)
            bytes += row.bytes
        }
        return portions
    }
}
