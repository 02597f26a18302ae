import Foundation
import Synchronization

/// Takes connections at a port of 127.0.0.1 and answers too little, as long as this lives.
final class FakeServer: Sendable {
    enum Manner: Sendable {
        /// Says nothing.
        case silent
        /// Greets, a byte at a time.
        case slowToGreet
        /// Greets, and says nothing more.
        case silentAfterGreeting
        /// Offers TLS, and says nothing more.
        case silentAboutTLS
        /// Lets everybody in, and answers the first question, a byte at a time.
        case slowToAnswer
        /// Lets everybody in, and hangs up while it describes the second answer.
        case leavingInAnAnswer
        /// Greets as a MySQL without TLS, takes a login, asks for the password, and hangs up.
        case askingForThePassword

        /// Those that take too long.
        static let slow: [Manner] = [
            .silent, .slowToGreet, .silentAfterGreeting, .silentAboutTLS, .slowToAnswer,
        ]
    }

    let port: UInt16
    private let listener: Int32
    private let heard = Heard()

    init(_ manner: Manner) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, heard) = (listener, heard)
        let status = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) | listen(listener, 16) | getsockname(listener, address, &size)
            }
        }
        guard status == 0 else { throw CocoaError(.fileWriteUnknown) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while case let client = accept(listener, nil, nil), client >= 0 {
                Thread.detachNewThread {
                    Self.serve(client, manner, heard)
                    close(client)
                }
            }
            // Here, where nobody waits at it any more: its number may be another's at once.
            close(listener)
        }
    }

    /// All that its first client has said to one that asks for the password.
    func said() async -> [UInt8] { await heard.all() }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private static func serve(_ client: Int32, _ manner: Manner, _ heard: Heard) {
        switch manner {
        case .silent: break
        case .slowToGreet: for byte in greeting(withTLS: false) where !trickle(byte, to: client) { return }
        case .silentAfterGreeting: send(greeting(withTLS: false), to: client)
        case .silentAboutTLS: send(greeting(withTLS: true), to: client)
        case .slowToAnswer:
            letIn(client)
            send([0, 0, 16, 1], to: client)
            while trickle(0xFB, to: client) {}
        case .leavingInAnAnswer:
            letIn(client)
            // Done, with more to come; then one column, of which there is no more than a length.
            send([7, 0, 0, 1, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 2, 1, 40, 0, 0, 3], to: client)
            return
        case .askingForThePassword:
            send(greeting(withTLS: false, plugin: "caching_sha2_password"), to: client)
            heard.note(receive(from: client))
            send([2, 0, 0, 2, 1, 4], to: client)
            heard.note(receive(from: client))
            heard.end()
            return
        }
        while !receive(from: client).isEmpty {}
    }

    /// Takes a login, and the first question.
    private static func letIn(_ client: Int32) {
        send(greeting(withTLS: false), to: client)
        receive(from: client)
        send([7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0], to: client)
        receive(from: client)
    }

    private static func greeting(withTLS: Bool, plugin: String = "mysql_native_password") -> [UInt8] {
        let low: UInt16 = withTLS ? 0xFFFF : 0xF7FF
        var body: [UInt8] = [10] + Array("5.5.5-10.11.19-MariaDB\0".utf8) + [7, 0, 0, 0]
        body += Array("abcdefgh\0".utf8) + [UInt8(low & 0xFF), UInt8(low >> 8), 45, 2, 0, 0x7F, 0x80, 21]
        body += Array(repeating: 0, count: 10) + Array("ijklmnopqrst\0\(plugin)\0".utf8)
        return [UInt8(body.count), 0, 0, 0] + body
    }

    private static func send(_ bytes: [UInt8], to client: Int32) {
        _ = Foundation.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// - Returns: Whether the other side is still there.
    private static func trickle(_ byte: UInt8, to client: Int32) -> Bool {
        usleep(50_000)
        return Foundation.send(client, [byte], 1, Int32(MSG_NOSIGNAL)) == 1
    }

    /// - Returns: Nothing, once the other side has gone.
    @discardableResult
    private static func receive(from client: Int32) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: 4_096)
        let count = recv(client, &room, room.count, 0)
        return Array(room.prefix(max(count, 0)))
    }
}

/// What clients have said.
private final class Heard: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    private let (ended, ending) = AsyncStream.makeStream(of: Void.self)

    func note(_ more: [UInt8]) { bytes.withLock { $0 += more } }

    /// The client has gone.
    func end() { ending.finish() }

    func all() async -> [UInt8] {
        for await _ in ended {}
        return bytes.withLock(\.self)
    }
}
