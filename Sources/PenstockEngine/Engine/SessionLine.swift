import PenstockModel
import Synchronization

/// Lets one task at a time at a session, in the order in which they came.
final class SessionLine: Sendable {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct Standing {
        /// Who waits, for every session that is taken.
        var waiting: [SessionID: [Waiter]] = [:]
        var lastNumber = 0
        /// Those that are about to wait.
        var coming: Set<Int> = []
    }

    private let standing = Mutex(Standing())

    /// Does `body` when it is this task's turn.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits; what `body` throws.
    func whenFree<Result>(_ session: SessionID, _ body: () async throws -> Result) async throws -> Result {
        try await enter(session)
        defer { leave(session) }
        return try await body()
    }

    /// How many sessions are taken.
    var count: Int { standing.withLock { $0.waiting.count } }

    /// How many tasks wait.
    var waitingCount: Int { standing.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

    private func enter(_ session: SessionID) async throws {
        let number: Int? = standing.withLock { standing in
            if standing.waiting[session] == nil {
                standing.waiting[session] = []
                return nil
            }
            standing.lastNumber += 1
            standing.coming.insert(standing.lastNumber)
            return standing.lastNumber
        }
        guard let number else { return }
        let isTurn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait(for: session, Waiter(number: number, continuation: continuation))
            }
        } onCancel: {
            giveUp(session, number)
        }
        if !isTurn { throw CancellationError() }
    }

    private func wait(for session: SessionID, _ waiter: Waiter) {
        let isTurn: Bool? = standing.withLock { standing in
            guard standing.coming.remove(waiter.number) != nil else { return false }
            if standing.waiting[session] == nil {
                standing.waiting[session] = []
                return true
            }
            standing.waiting[session, default: []].append(waiter)
            return nil
        }
        if let isTurn { waiter.continuation.resume(returning: isTurn) }
    }

    private func giveUp(_ session: SessionID, _ number: Int) {
        let waiter: Waiter? = standing.withLock { standing in
            guard let index = standing.waiting[session]?.firstIndex(where: { $0.number == number }) else {
                standing.coming.remove(number)
                return nil
            }
            return standing.waiting[session]?.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }

    private func leave(_ session: SessionID) {
        let next: Waiter? = standing.withLock { standing in
            guard let waiting = standing.waiting[session], !waiting.isEmpty else {
                standing.waiting[session] = nil
                return nil
            }
            return standing.waiting[session]?.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }
}
