import PenstockModel
import Synchronization

extension Node {
    /// How long a node that was cancelled may take to end before it is left behind.
    private static var grace: Duration { .seconds(1) }

    /// Runs the node once, within its timeout.
    func runOnce(
        _ state: State, _ context: NodeContext, sparingThread: Bool
    ) async throws -> Update<State> {
        if let timeLimit { return try await run(state, context, within: timeLimit) }
        guard mayCompute, sparingThread else { return try await run(state, context) }
        return try await runAside(state, context)
    }

    /// Runs it beside the thread that its task prefers. In a task of its own, since only a task surely begins where it is told to:
    /// a function that is told to go elsewhere may leave that to what it calls first, which may stay.
    private func runAside(_ state: State, _ context: NodeContext) async throws -> Update<State> {
        try await withThrowingTaskGroup(of: Update<State>.self) { group in
            group.addTask(executorPreference: globalConcurrentExecutor) { try await run(state, context) }
            guard let update = try await group.next() else { throw CancellationError() }
            return update
        }
    }

    /// A node that heeds no cancellation must not hold up the engine for ever, and a task group would wait
    /// for it: so it runs in a task of its own, and whichever comes first counts, its end or the limit. One
    /// that is left behind can do no harm to the session: what it gives is not taken.
    private func run(
        _ state: State, _ context: NodeContext, within limit: Duration
    ) async throws -> Update<State> {
        let verdict = Verdict<Update<State>>()
        let work = Task {
            do { verdict.settle(.success(try await run(state, context))) } catch {
                verdict.settle(.failure(error))
            }
        }
        let timer = Task {
            do { try await Task.sleep(for: limit) } catch { return }
            // Before it is cancelled, since it may end at once.
            verdict.replace(by: NodeTimedOut(node: name, limit: limit))
            work.cancel()
            await leaveBehind(verdict, context, NodeTimedOut(node: name, limit: limit))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await verdict.value()
        } onCancel: {
            work.cancel()
            Task { await leaveBehind(verdict, context, CancellationError()) }
        }
    }

    private func leaveBehind(
        _ verdict: Verdict<Update<State>>, _ context: NodeContext, _ error: any Error
    ) async {
        do { try await Task.sleep(for: Self.grace) } catch { return }
        if verdict.settle(.failure(error)) {
            context.log.warning("node heeds no cancellation, left behind")
        }
    }
}

/// What became of a task, waited for by one other; the first word counts.
private final class Verdict<Value: Sendable>: Sendable {
    private struct Standing {
        var result: Result<Value, any Error>?
        /// What a failure, or a success that came too late, is told as.
        var replacement: (any Error)?
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let standing = Mutex(Standing())

    /// - Returns: Whether this was the first word.
    @discardableResult
    func settle(_ result: Result<Value, any Error>) -> Bool {
        let (isFirst, waiting) = standing.withLock { standing in
            guard standing.result == nil else { return (false, nil as CheckedContinuation<Void, Never>?) }
            standing.result = standing.replacement.map { .failure($0) } ?? result
            defer { standing.waiting = nil }
            return (true, standing.waiting)
        }
        waiting?.resume()
        return isFirst
    }

    /// From now on, whatever comes is told as this error.
    func replace(by error: any Error) {
        standing.withLock { $0.replacement = error }
    }

    func value() async throws -> Value {
        await withCheckedContinuation { continuation in
            let isSettled = standing.withLock { standing in
                if standing.result == nil { standing.waiting = continuation }
                return standing.result != nil
            }
            if isSettled { continuation.resume() }
        }
        switch standing.withLock({ $0.result }) {
        case .success(let value): return value
        case .failure(let error): throw error
        case nil: throw CancellationError()
        }
    }
}
