import CPenstockMariaDB
import Glibc

/// What libmariadb waits for at a socket, in its flags and in those of `poll`.
enum MySQLEvents {
    private static let pairs = [
        (MYSQL_WAIT_READ, Int16(POLLIN)), (MYSQL_WAIT_WRITE, Int16(POLLOUT)),
        (MYSQL_WAIT_EXCEPT, Int16(POLLPRI)),
    ]

    /// What `poll` is to wait for.
    static func polled(for wanted: Int32) -> Int16 {
        pairs.reduce(0) { wanted & $1.0 == 0 ? $0 : $0 | $1.1 }
    }

    /// What has come of that, as libmariadb is to be told. An error or a hang-up is found out by trying.
    static func come(of wanted: Int32, in events: Int16) -> Int32 {
        let come = pairs.reduce(0) { wanted & $1.0 != 0 && events & $1.1 != 0 ? $0 | $1.0 : $0 }
        return come == 0 ? wanted & ~MYSQL_WAIT_TIMEOUT : come
    }

    /// Blocks until something of it has come, up to a moment.
    ///
    /// - Returns: What has come; `MYSQL_WAIT_TIMEOUT` if nothing has. A signal counts as something: libmariadb finds nothing and asks again.
    static func wait(
        for wanted: Int32, at socket: Int32, until deadline: ContinuousClock.Instant
    ) -> Int32 {
        let events = poll(socket, for: polled(for: wanted), until: deadline)
        return events.map { come(of: wanted, in: $0) } ?? MYSQL_WAIT_TIMEOUT
    }

    /// Blocks until something of it has come, up to a moment, in the flags of `poll`: none if a signal came first, `nil` if nothing
    /// has come.
    static func poll(_ socket: Int32, for events: Int16, until deadline: ContinuousClock.Instant) -> Int16? {
        var entry = pollfd(fd: socket, events: events, revents: 0)
        // Rounded up: what has been waited for is over then.
        let milliseconds = ((deadline - .now) / .milliseconds(1)).rounded(.up)
        let count = Glibc.poll(&entry, 1, Int32(min(max(milliseconds, 0), 1_000_000_000)))
        return count == 0 ? nil : entry.revents
    }
}
