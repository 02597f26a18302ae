package import PenstockModel
import PenstockRedis

extension RedisCheckpointer {
    @discardableResult
    package func delete(
        _ id: CheckpointID, of session: SessionID
    ) async throws(CheckpointerError) -> Bool {
        guard let checkpoint = try await checkpoint(id, of: session) else { return false }
        let reply = try await run(
            RedisScripts.delete, keys: [keys.head(session), keys.session(session), keys.checkpoint(id)],
            arguments: RedisArguments(
                id.text, checkpoint.step, checkpoint.state.count, clock.now().microseconds))
        return reply == .integer(1)
    }

    package func reset(_ session: SessionID) async throws(CheckpointerError) {
        _ = try await run(
            RedisScripts.reset, keys: [keys.head(session), keys.session(session), keys.jobs(session)],
            arguments: RedisArguments(keys.checkpoints, clock.now().microseconds))
    }

    /// Forgets everything under the store's prefix and nothing else, the heads first: no writer adds to what is being removed.
    package func clear() async throws(CheckpointerError) {
        try await remove(keys.heads, type: "hash")
        try await remove(keys.sessions, type: "zset")
        // No checkpoint's id has a colon in it: a key with one belongs to a store whose prefix goes on from ours.
        try await remove(keys.checkpoints, type: "string") { !$0.contains(":") }
        try await remove(keys.results, type: "string")
        try await remove(keys.jobs, type: "zset")
    }

    private func remove(
        _ start: String, type: String, where isOurs: (String) -> Bool = { _ in true }
    ) async throws(CheckpointerError) {
        try await scan(start, type: type) { page async throws(CheckpointerError) in
            let names = page.filter(isOurs).map { start + $0 }
            if !names.isEmpty { _ = try await send(RedisCommand("UNLINK", RedisArguments(names))) }
        }
    }
}
