import PenstockModel
import Synchronization

/// Lets calls through until the store is closed, and knows when the last of them has ended.
final class InFlight: Sendable {
    private struct Calls {
        var count = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let calls = Mutex(Calls())

    /// Does `call`, unless the store was closed.
    func run<Answer>(
        _ call: () async throws(CheckpointerError) -> Answer
    ) async throws(CheckpointerError) -> Answer {
        let isClosed = calls.withLock { calls in
            if !calls.isClosed { calls.count += 1 }
            return calls.isClosed
        }
        if isClosed { throw .unavailable(reason: "the store was closed") }
        defer { leave() }
        return try await call()
    }

    private func leave() {
        let closers = calls.withLock { calls in
            calls.count -= 1
            guard calls.isClosed, calls.count == 0 else { return [] as [CheckedContinuation<Void, Never>] }
            defer { calls.closers = [] }
            return calls.closers
        }
        for closer in closers { closer.resume() }
    }

    /// Lets no further call through, and returns when those under way have ended.
    func close() async {
        await withCheckedContinuation { closer in
            let isIdle = calls.withLock { calls in
                calls.isClosed = true
                if calls.count > 0 { calls.closers.append(closer) }
                return calls.count == 0
            }
            if isIdle { closer.resume() }
        }
    }
}
