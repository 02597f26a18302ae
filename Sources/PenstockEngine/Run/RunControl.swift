package import PenstockModel
import Synchronization

/// What the runner of an attempt is asked between nodes, by whoever started it.
package final class RunControl: Sendable {
    private struct Standing {
        var isStopping = false
        var sleeper: Task<Void, Never>?
    }

    /// Waits for an answer: whether the claim is still its holder's.
    package typealias Confirmation = @Sendable () async -> Bool

    /// What goes with a save, given whether it is the first of the attempt, and the result, as JSON, with the last.
    package typealias Errand = @Sendable (_ isFirst: Bool, _ result: [UInt8]?) -> SaveErrand?

    /// Asks whether the claim is still its holder's, once, after the session was opened or looked at and before the first node
    /// runs. The answer is waited for before the first save.
    let confirm: (@Sendable () -> Confirmation)?
    /// Notes how far the job is, from 0 to 1, and what it is at.
    let progress: (@Sendable (Double, String?) -> Void)?
    /// Asked for just before a save is made, where the store runs errands: then there is nothing to ``confirm``.
    let errand: Errand?
    /// Whether the thread of the attempt is one that nodes must not hold up.
    let sparesThread: Bool
    private let standing = Mutex(Standing())

    package init(
        confirm: (@Sendable () -> Confirmation)? = nil,
        progress: (@Sendable (Double, String?) -> Void)? = nil, errand: Errand? = nil,
        sparesThread: Bool = false
    ) {
        self.confirm = confirm
        self.errand = errand
        self.sparesThread = sparesThread
        self.progress = progress
    }

    /// Ends the attempt as soon as the node that runs is checkpointed, or the wait before its next try begins
    /// or is under way.
    package func requestStop() {
        let sleeper = standing.withLock { standing in
            standing.isStopping = true
            return standing.sleeper
        }
        sleeper?.cancel()
    }

    var isStopping: Bool { standing.withLock { $0.isStopping } }

    /// Waits that long, or until a stop is requested or the task is cancelled.
    func pause(for duration: Duration) async {
        let sleeper = Task<Void, Never> {
            do { try await Task.sleep(for: duration) } catch {}
        }
        let isStopping = standing.withLock { standing in
            standing.sleeper = sleeper
            return standing.isStopping
        }
        if isStopping { sleeper.cancel() }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
    }
}
