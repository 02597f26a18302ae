import CPenstockPostgres
import PenstockExecutors

/// Asks a server to stop what a session of its is doing.
enum PostgresCancel {
    /// On a thread of its own, since libpq waits for the server without a limit: nothing is known of what came of it.
    static func send(to handle: OpaquePointer) {
        guard let cancel = PQgetCancel(handle) else { return }
        // Nobody else has it.
        nonisolated(unsafe) let request = cancel
        let thread = SystemThread.start(named: "postgres-cancel") {
            var room = [CChar](repeating: 0, count: 256)
            PQcancel(request, &room, Int32(room.count))
            PQfreeCancel(request)
        }
        switch thread {
        case .success(let thread): thread.detach()
        case .failure: PQfreeCancel(cancel)
        }
    }
}
