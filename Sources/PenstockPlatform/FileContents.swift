import CPenstockPlatform
import Glibc

/// Why a file cannot be read: the system's words.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

/// Whole files, for settings and flows.
package enum FileContents {
    /// Why there is no folder that can be listed: the system's words. `nil` if there is one.
    package static func hindrance(toListing folder: String) -> String? {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return text(ofError: errno) }
        close(descriptor)
        return nil
    }

    /// Reads a file; one of more than `limit` bytes is refused.
    package static func read(_ path: String, limit: Int = 16 << 20) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(description: text(ofError: errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                bytes.append(contentsOf: buffer.prefix(count))
                guard bytes.count <= limit else {
                    throw FileError(description: "it has more than \(limit) bytes")
                }
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw FileError(description: text(ofError: errno))
            }
        }
    }
}
