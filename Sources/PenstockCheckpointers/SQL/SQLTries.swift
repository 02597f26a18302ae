import PenstockSQL

/// How often, and until when, a transaction is begun anew that others got in the way of.
struct SQLTries: Sendable {
    private static let most = 5
    /// The database's client is patient itself (SQLite's: 5 s): this is for what it gives up sooner. A worker's lock lasts
    /// for 10 s, and an answer has to come before.
    private static let longest: Duration = .seconds(4)

    private let deadline = ContinuousClock.now + longest
    private var made = 0

    mutating func make<Value>(_ work: () async throws(SQLError) -> Value) async throws(SQLError) -> Value {
        while true {
            do throws(SQLError) {
                return try await work()
            } catch {
                guard allowAnother(after: error) else { throw error }
            }
        }
    }

    /// Whether to try again after `error`.
    mutating func allowAnother(after error: SQLError) -> Bool {
        made += 1
        return error.mayPass && made < Self.most && ContinuousClock.now < deadline
    }
}

extension SQLDatabase {
    /// A transaction that writes, begun anew while `tries` allow it.
    func write<Value: Sendable>(
        tries: inout SQLTries,
        _ body: @escaping @Sendable (any SQLConnection) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        try await tries.make { () async throws(SQLError) in try await write(body) }
    }

    /// A batch, asked for and sent anew while `tries` allow it.
    func commit(
        tries: inout SQLTries, _ batch: @escaping @Sendable () -> SQLBatch
    ) async throws(SQLError) -> [SQLAnswer] {
        try await tries.make { () async throws(SQLError) in try await commit(batch) }
    }
}
