import CPenstockPlatform
import Glibc

/// One of the system's threads, to be joined or detached.
package struct SystemThread: Sendable {
    private let handle: pthread_t

    /// The caller's.
    package static var current: SystemThread { SystemThread(handle: pthread_self()) }

    /// Starts a thread that runs `body`, and keeps what that holds until it returns.
    ///
    /// - Parameters:
    ///   - name: What debuggers and `top -H` call it: the first 15 bytes of it.
    ///   - stackBytes: How large its stack is; the system's default for `nil`.
    ///   - body: What it does.
    /// - Returns: The thread, or the number of the system's error, which has no more of them.
    package static func start(
        named name: String, stackBytes: Int? = nil, _ body: @escaping @Sendable () -> Void
    ) -> Result<SystemThread, ThreadError> {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var handle = pthread_t()
        let code = pthread_create(
            &handle, &attributes,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                penstock_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            return .failure(ThreadError(code: code))
        }
        return .success(SystemThread(handle: handle))
    }

    package var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }

    /// Waits until the body has returned. Blocks its thread; only for one, once.
    package func join() { pthread_join(handle, nil) }

    /// Nobody will join it.
    package func detach() { pthread_detach(handle) }
}

/// Why there is no thread.
package struct ThreadError: Error, CustomStringConvertible {
    /// An `errno`.
    package let code: Int32

    package var description: String { "no thread could be started: \(String(cString: strerror(code)))" }
}

/// What a new thread is handed.
private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}
