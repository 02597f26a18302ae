import CPenstockPostgres
import Glibc

/// Asks a server to stop what a session of its is doing.
enum PostgresCancel {
    /// On a thread of its own, since libpq waits for the server without a limit: nothing is known of what came of it.
    static func send(to handle: OpaquePointer) {
        guard let cancel = PQgetCancel(handle) else { return }
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { cancel in
                guard let cancel else { return nil }
                var room = [CChar](repeating: 0, count: 256)
                PQcancel(OpaquePointer(cancel), &room, Int32(room.count))
                PQfreeCancel(OpaquePointer(cancel))
                return nil
            }, UnsafeMutableRawPointer(cancel))
        if code == 0 { pthread_detach(thread) } else { PQfreeCancel(cancel) }
    }
}
