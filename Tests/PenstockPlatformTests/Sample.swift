import CPenstockPlatform
import Glibc
import Synchronization

@testable import PenstockPlatform

extension Program {
    /// A shell script with nothing in its environment but a `PATH`.
    static func shell(_ script: String, folder: String = "/tmp") -> Program {
        Program(["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], folder: folder)
    }

    static func python(_ script: String) -> Program {
        Program(["/usr/bin/python3", "-c", script], environment: [:], folder: "/tmp")
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}

/// A folder that is gone after the test.
struct ScratchFolder: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/penstock-platform.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(errno: errno) }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func write(_ text: String, to name: String, mode: mode_t) throws {
        let descriptor = open("\(path)/\(name)", O_CREAT | O_WRONLY | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)
        guard Glibc.write(descriptor, &bytes, bytes.count) == bytes.count else { throw Failure(errno: errno) }
    }

    struct Failure: Error {
        let errno: Int32
    }

    deinit {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            unlink("\(path)/\(name)")
        }
        closedir(folder)
        rmdir(path)
    }
}

/// What a callback said, to be waited for.
final class Lines: Sendable {
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let kept = Mutex<[String]>([])

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var all: [String] { kept.withLock { $0 } }

    @Sendable func note(_ line: String) {
        kept.withLock { $0.append(line) }
        continuation.yield(line)
    }

    /// The first line.
    func first() async -> String {
        for await line in stream { return line }
        return ""
    }
}

/// Whether the process is gone, waiting up to ten seconds for it.
func isGone(_ pid: pid_t) -> Bool {
    let descriptor = penstock_pidfd_open(pid)
    guard descriptor >= 0 else { return errno == ESRCH }
    defer { close(descriptor) }
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, 10_000) == 1
}
