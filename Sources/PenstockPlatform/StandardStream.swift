import CPenstockPlatform
import Glibc

/// The three streams that a program is started with, unbuffered.
package enum StandardStream: Int32, Hashable, Sendable {
    case input = 0
    case output = 1
    case error = 2

    /// Writes all of it, waiting where the reader is slow.
    ///
    /// - Returns: `false` once nobody reads any more: there is nobody to tell.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Reads to the end, or up to one byte more than `limit`.
    package func readAll(limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= limit {
            let count = Glibc.read(rawValue, &buffer, min(buffer.count, limit + 1 - bytes.count))
            if count > 0 {
                bytes.append(contentsOf: buffer.prefix(count))
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return bytes
    }

    package var isTerminal: Bool { isatty(rawValue) == 1 }
}
