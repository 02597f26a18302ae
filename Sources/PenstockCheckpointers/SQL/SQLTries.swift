import PenstockSQL

/// How often, and until when, a transaction is begun anew that others got in the way of.
struct SQLTries {
    private static let most = 5
    /// The database's client is patient itself (SQLite's: 5 s): this is for what it gives up sooner. A worker's lock lasts
    /// for 10 s, and an answer has to come before.
    private static let longest: Duration = .seconds(4)

    private let deadline = ContinuousClock.now + longest
    private var made = 0

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
        while true {
            do throws(SQLError) {
                return try await write(body)
            } catch {
                guard tries.allowAnother(after: error) else { throw error }
            }
        }
    }
}
