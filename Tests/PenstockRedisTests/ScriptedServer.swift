import Foundation
import PenstockRedis

/// A server that says what the test wants: one answer for each write of the client's, one list of answers a connection.
/// After its answers a connection is closed; after the last list nobody listens any more.
final class ScriptedServer: Sendable {
    let address: RedisAddress
    private let folder: String

    init(_ connections: [[Answer]]) throws {
        folder = NSTemporaryDirectory() + "penstock-scripted-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let path = folder + "/s.sock"
        address = RedisAddress(place: .unix(path: path))
        let listener = try Self.listen(at: path)
        Thread.detachNewThread {
            for answers in connections { Self.serve(answers, on: accept(listener, nil, nil)) }
            shutdown(listener, Int32(SHUT_RDWR))
            close(listener)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    enum Answer {
        case text(String)
        /// Reads, and says nothing until the client leaves.
        case silence
    }

    private static func serve(_ answers: [Answer], on connection: Int32) {
        var room = [UInt8](repeating: 0, count: 65_536)
        for answer in answers {
            guard read(connection, &room, room.count) > 0 else { break }
            switch answer {
            case .text(let text): _ = write(connection, text, text.utf8.count)
            case .silence: while read(connection, &room, room.count) > 0 {}
            }
        }
        // A server that another test starts meanwhile may have inherited the descriptor.
        shutdown(connection, Int32(SHUT_RDWR))
        close(connection)
    }

    private static func listen(at path: String) throws -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard status == 0, Foundation.listen(listener, 16) == 0 else {
            throw CocoaError(.fileWriteUnknown)
        }
        return listener
    }
}
