import CPenstockPlatform
import Glibc

/// Wakes a loop's thread.
final class LoopBell: Sendable {
    private let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))

    deinit {
        if isSound { close(descriptor) }
    }

    /// False if the process has no file descriptor left.
    var isSound: Bool { descriptor >= 0 }

    var interest: pollfd { pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0) }

    func ring() { eventfd_write(descriptor, 1) }

    func hush() {
        var rings: eventfd_t = 0
        eventfd_read(descriptor, &rings)
    }
}
