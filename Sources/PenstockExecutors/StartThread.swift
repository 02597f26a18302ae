package import CPenstockPlatform
import Glibc

/// Starts a thread that runs `body`, and keeps what that holds until it returns. The thread is to be joined or detached.
///
/// - Parameters:
///   - name: What debuggers and `top -H` call it: the first 15 bytes of it.
///   - stackBytes: How large its stack is; the system's default for `nil`.
///   - body: What it does.
/// - Returns: The thread, or the number of the system's error, which has no more of them.
package func startThread(
    named name: String, stackBytes: Int? = nil, _ body: @escaping @Sendable () -> Void
) -> Result<pthread_t, ThreadError> {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
    let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, &attributes,
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
    return .success(thread)
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
