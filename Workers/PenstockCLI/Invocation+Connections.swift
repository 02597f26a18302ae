import Glibc
import Penstock
import PenstockModel
import PenstockPlatform
import PenstockQueue
import PenstockRedis

extension Invocation {
    /// Looks at the queue, over a connection that is closed afterwards.
    func withQueue<Answer: Sendable>(
        _ body: (QueueInspector) async throws -> Answer
    ) async throws -> Answer {
        try await Self.reach(settings.redis)
        let client = RedisClient(settings.redis, settings: RedisSettings(clientName: "penstock-cli"))
        let inspector = QueueInspector(
            keys: settings.keys, settings: settings.queue, client: client)
        do {
            let answer = try await body(inspector)
            await client.close()
            return answer
        } catch {
            await client.close()
            throw error
        }
    }

    /// Looks into the store, which is closed afterwards.
    func withStore<Answer: Sendable>(
        _ body: (any Checkpointer) async throws -> Answer
    ) async throws -> Answer {
        let address = settings.storeAddress
        switch address {
        case .memory:
            throw Failure.misused(
                "the store is memory:, which lives and ends within a worker",
                "set store_url to a store that can be looked into: sqlite:PATH or a Redis")
        case .redis(let redis) where settings.secondaryURL == nil: try await Self.reach(redis)
        case .redis, .sqlite, .postgres, .mysql: break
        }
        let store: any Checkpointer
        do {
            store = try await settings.openStore()
        } catch .refused(let reason) {
            throw Failure.misused(
                "the store cannot be opened: \(reason)", "set --store-url or PENSTOCK_STORE_URL")
        }
        do {
            let answer = try await body(store)
            await store.close()
            return answer
        } catch {
            await store.close()
            throw error
        }
    }

    /// Looks into a store that has to be there: a SQLite file that is missing is not made.
    func withPresentStore<Answer: Sendable>(
        _ body: (any Checkpointer) async throws -> Answer
    ) async throws -> Answer {
        if case .sqlite(let path) = settings.storeAddress, unsafe access(path, F_OK) != 0 {
            throw Failure.misused(
                "there is no SQLite store \(path) yet",
                "a worker makes one; is --store-url or PENSTOCK_STORE_URL right?")
        }
        return try await withStore(body)
    }

    private static let connectLimit: Duration = .seconds(3)

    /// Tries once to connect, so that a server that is not there is known at once.
    static func reach(_ address: RedisAddress) async throws(Failure) {
        switch await ping(address) {
        case .success: return
        case .failure(.refused(let message)):
            throw .unreachable("Redis at \(address) refused: \(message)")
        case .failure(let error):
            throw .unreachable(
                "Redis at \(address) cannot be reached: \(error.reason)",
                "set --redis-url or PENSTOCK_REDIS_URL; penstock dev starts a server of its own")
        }
    }

    /// Whether a server is there.
    func answers(_ address: RedisAddress) async -> Bool {
        switch await Self.ping(address) {
        case .success, .failure(.refused): true
        case .failure: false
        }
    }

    private static func ping(_ address: RedisAddress) async -> Result<RedisReply, RedisError> {
        await withCheckedContinuation { continuation in
            _ = DedicatedThread(name: "penstock-reach") {
                let connection = RedisBlockingConnection(
                    address, settings: RedisSettings(connectLimit: connectLimit, commandLimit: connectLimit))
                continuation.resume(
                    returning: Result { () throws(RedisError) in
                        try connection.send(RedisCommand("PING"))
                    })
            }
        }
    }
}
