import PenstockSQL

/// How often, and until when, a transaction is begun anew that others got in the way of.
struct SQLTries {
    /// The database's client is patient itself; these are for what ends its patience at once.
    private static let most = 5
    /// A worker's lock lasts for 10 s: an answer has to come before, whatever it is.
    private static let longest: Duration = .seconds(6)

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
