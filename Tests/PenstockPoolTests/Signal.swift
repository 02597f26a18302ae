import Synchronization

/// Something that happens once, and that any number of tasks may wait for.
final class Signal: Sendable {
    private struct Standing {
        var isSent = false
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var next = 0
    }

    private let standing = Mutex(Standing())

    var isSent: Bool { standing.withLock(\.isSent) }

    func send() {
        let waiting = standing.withLock { standing in
            standing.isSent = true
            defer { standing.waiting = [:] }
            return standing.waiting.values
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Waits as a node that heeds its cancellation.
    func wait() async throws {
        let number = standing.withLock { standing in
            standing.next += 1
            return standing.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let end: Result<Void, any Error>? = standing.withLock { standing in
                    if standing.isSent { return .success(()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    standing.waiting[number] = continuation
                    return nil
                }
                if let end { continuation.resume(with: end) }
            }
        } onCancel: {
            standing.withLock { $0.waiting.removeValue(forKey: number) }?.resume(
                throwing: CancellationError())
        }
    }

    /// Waits as a node that heeds nothing.
    func waitStubbornly() async {
        await Task { try? await wait() }.value
    }
}

/// What nodes did, in the world outside: it is not undone when a checkpoint is lost.
final class Ledger: Sendable {
    private let lines = Mutex<[String]>([])

    func note(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock(\.self) }
    func count(of line: String) -> Int { all.count { $0 == line } }
}
