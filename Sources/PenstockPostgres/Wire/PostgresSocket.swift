import CPenstockPostgres
import Glibc

/// Waiting on a descriptor.
enum PostgresSocket {
    /// Waits until one of the events has come, or an error or the end; gives what came, 0 when the time was up.
    static func wait(_ socket: Int32, for events: Int16, until deadline: ContinuousClock.Instant) -> Int16 {
        while true {
            let left = max(.zero, ContinuousClock.now.duration(to: deadline))
            var entry = pollfd(fd: socket, events: events, revents: 0)
            let count = poll(&entry, 1, Int32(clamping: left.milliseconds + 1))
            if count > 0 { return entry.revents }
            if count < 0, errno != EINTR { return Int16(POLLERR) }
            if left == .zero { return 0 }
        }
    }

    /// Whether something has come that was not read yet: of a connection that stands idle, most likely its end.
    static func hasNews(_ socket: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }
}

/// Where a server is, for people.
enum PostgresPlace {
    static func of(_ handle: OpaquePointer) -> String {
        let host = text(PQhost(handle))
        let port = text(PQport(handle))
        return host.hasPrefix("/")
            ? "\(host)/.s.PGSQL.\(port)" : "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }
}
