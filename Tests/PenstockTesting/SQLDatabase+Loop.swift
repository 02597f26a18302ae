package import PenstockExecutors
package import PenstockSQL

extension SQLDatabase {
    /// Commits a batch as a task on a loop does.
    ///
    /// - Parameters:
    ///   - loop: The loop.
    ///   - begun: Called once a connection was lent.
    ///   - ended: Called when the answers are there.
    ///   - batch: What to commit, asked for when a connection was lent.
    /// - Throws: Why it was not committed.
    /// - Returns: The answers, and whether they came on the loop.
    package func commit(
        on loop: SocketLoop, begun: @escaping @Sendable () -> Void = {},
        ended: @escaping @Sendable () -> Void = {}, _ batch: @escaping @Sendable () -> SQLBatch
    ) async throws(SQLError) -> (answers: [SQLAnswer], isOnLoop: Bool) {
        let (result, isOnLoop) = await Task(executorPreference: loop) {
            await withCheckedContinuation { continuation in
                self.lend { loan in
                    begun()
                    loan.commit(batch()) {
                        ended()
                        continuation.resume(returning: ($0, loop.isCurrent))
                    } next: { error in
                        if let error { continuation.resume(returning: (.failure(error), loop.isCurrent)) }
                        loan.giveBack()
                    }
                }
            }
        }.value
        return (try result.get(), isOnLoop)
    }
}
