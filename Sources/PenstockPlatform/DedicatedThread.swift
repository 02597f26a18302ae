import PenstockExecutors
import Synchronization

/// A thread of its own for what must not wait behind nodes: no pool, no queue.
package final class DedicatedThread: Sendable {
    /// Enough for our own code and Foundation's.
    package static let standardStackBytes = 512 * 1024

    /// Empty once someone joins.
    private let thread: Mutex<SystemThread?>

    /// Starts the thread. A process that cannot have one more thread cannot work, and ends here. Of the name, as
    /// `top -H` shows it, Linux keeps 15 bytes.
    package init(name: String, stackBytes: Int = standardStackBytes, body: @escaping @Sendable () -> Void) {
        switch SystemThread.start(named: name, stackBytes: stackBytes, body) {
        case .success(let started): thread = Mutex(started)
        case .failure(let error): fatalError("'\(name)': \(error)")
        }
    }

    deinit {
        thread.withLock { $0 }?.detach()
    }

    /// Waits until the body has returned; only the first call does. Blocks its thread.
    package func join() {
        let unjoined = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        unjoined?.join()
    }
}
