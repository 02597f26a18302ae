import PenstockModel

/// How a node's tries ended, when not with an update.
enum NodeEnd: Error {
    case failed(any Error)
    /// A stop was requested while it waited for its next try.
    case stopped
    case cancelled
}

/// An error that the flow has said is not worth another try.
struct GivenUp: Error {
    let cause: any Error
}

extension Node {
    /// Runs the node, again as its retry policy says; `context` makes the context of a try from its number.
    func runWithRetries(
        _ state: State, control: RunControl, context: (_ nodeAttempt: Int) -> NodeContext
    ) async throws(NodeEnd) -> Update<State> {
        var nodeAttempt = 1
        var shortages = 0
        while true {
            let context = context(nodeAttempt)
            do {
                return try await runOnce(state, context, sparingThread: control.sparesThread)
            } catch {
                if Task.isCancelled { throw .cancelled }
                if let shortage = error as? NotRun {
                    if shortages == 0 { context.log.error("\(shortage), trying again") }
                    shortages += 1
                    await control.pause(for: RetryPolicy.untilReached.delay(beforeRetry: shortages))
                    if Task.isCancelled { throw .cancelled }
                    if control.isStopping { throw .stopped }
                    continue
                }
                if givesUp(error) { throw .failed(GivenUp(cause: error)) }
                if error is PermanentFailure || nodeAttempt >= retryPolicy.maxAttempts {
                    throw .failed(error)
                }
                let delay = retryPolicy.delay(beforeRetry: nodeAttempt)
                context.log.warning(
                    "node failed, trying again",
                    ["error": sentence(of: error), "node_attempt": "\(nodeAttempt)", "delay": "\(delay)"])
                context.facts.events?(
                    .nodeFailed(name, step: context.step, error: sentence(of: error), again: delay))
                await control.pause(for: delay)
                if Task.isCancelled { throw .cancelled }
                if control.isStopping { throw .stopped }
            }
            nodeAttempt += 1
        }
    }
}
