import CPenstockPlatform
import Glibc
import Synchronization

/// A thread of its own for what must not wait behind nodes: no pool, no queue.
package final class DedicatedThread: Sendable {
    /// Enough for our own code and Foundation's.
    package static let standardStackBytes = 512 * 1024

    /// Empty once someone joins.
    private let handle: Mutex<pthread_t?>

    /// Starts the thread. A process that cannot have one more thread cannot work, and ends here. Of the name, as
    /// `top -H` shows it, Linux keeps 15 bytes.
    package init(name: String, stackBytes: Int = standardStackBytes, body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stackBytes)
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let error = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                penstock_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard error == 0 else { fatalError("no thread for \(name): \(text(ofError: error))") }
        handle = Mutex(thread)
    }

    deinit {
        if let thread = handle.withLock({ $0 }) { pthread_detach(thread) }
    }

    /// Waits until the body has returned; only the first call does. Blocks its thread.
    package func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread { pthread_join(thread, nil) }
    }

    /// What the new thread is handed.
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
