package import PenstockModel
import PenstockRedis

extension RedisCheckpointer: CopyTarget {
    /// One walk over all keys, however many sessions there are: a page that is asked for by the id before it would be one each.
    package func eachPageOfSessions(
        _ use: ([SessionID]) async throws(CheckpointerError) -> Void
    ) async throws(CheckpointerError) {
        var ids: Set<String> = []
        try await scan(keys.heads, type: "hash") { page in ids.formUnion(page) }
        try await scan(keys.sessions, type: "zset") { page in ids.formUnion(page) }
        try await use(ids.sorted().map(SessionID.init(unchecked:)))
    }

    package func checkpoints(
        firstOf ids: ArraySlice<CheckpointID>, of session: SessionID, upTo bytes: Int
    ) async throws(CheckpointerError) -> (found: [Checkpoint], looked: Int) {
        let ids = try await first(of: ids, upTo: bytes)
        let checkpoints = try await checkpoints(ids, of: session)
        return (checkpoints, ids.count)
    }

    /// As many of the ids as what is stored under them has no more than so many bytes, at least one.
    func first(
        of ids: ArraySlice<CheckpointID>, upTo bytes: Int
    ) async throws(CheckpointerError) -> [CheckpointID] {
        let reply = try await run(
            RedisScripts.sizes, keys: [], arguments: RedisArguments(ids.map { keys.checkpoint($0) }))
        let sizes = (reply.asArray ?? []).compactMap(\.asInt)
        guard sizes.count == ids.count else { throw .unexpected(reply, to: RedisScripts.sizes.name) }
        var (count, sum) = (0, 0)
        for size in sizes {
            sum += size
            if count > 0, sum > bytes { break }
            count += 1
        }
        return Array(ids.prefix(count))
    }
}

extension RedisScripts {
    static let sizes = RedisScript(name: "sizes", source: PackageResources.sizes_lua)
}
