import PenstockModel
import PenstockQueue
import PenstockRedis
import PenstockTesting

/// An inspector over keys of its own in the Redis that the tests share.
struct Inspection: Sendable {
    let keys: QueueKeys
    let client: RedisClient
    let inspector: QueueInspector

    init(prefix: String = TestRedis.prefix()) async throws {
        keys = QueueKeys(prefix: prefix)
        client = RedisClient(try await TestRedis.shared.address)
        inspector = QueueInspector(keys: keys, settings: QueueSettings(), client: client)
    }

    func connection() -> RedisConnection { RedisConnection(client.address) }

    func enqueue(_ id: JobID, flow: FlowName = "f", session: SessionID? = nil) async throws -> Enqueued {
        var job = Job(flow)
        job.id = id
        job.session = session
        return try await inspector.enqueue(try CheckedJob(job, maxBytes: 1 << 20), to: "q")
    }

    /// Writes a job's record as the scripts do.
    func record(_ id: String, _ fields: KeyValuePairs<String, String>) async throws {
        for (name, value) in fields {
            _ = try await client.send(RedisCommand("HSET", keys.job(id), name, value))
        }
    }

    /// Ends a job as the scripts do.
    func end(_ id: String, _ status: String) async throws {
        try await record(id, ["status": status, "result": "{}", "ended_at": "1000"])
        _ = try await client.send(RedisCommand("LPUSH", keys.ended(id), "{}"))
    }

    func bury(_ name: String, for reason: String, at time: Int) async throws {
        _ = try await client.send(
            RedisCommand(
                "HSET", keys.dead(name), "message", #"{"flow":"f"}"#, "queue", "q", "id", name, "reason",
                reason, "buried_at", time))
        _ = try await client.send(RedisCommand("ZADD", keys.dead, time, name))
    }
}
