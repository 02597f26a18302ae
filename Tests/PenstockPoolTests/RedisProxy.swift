import Foundation
import PenstockRedis
import Synchronization

/// Stands between a worker and Redis, counts the commands that change or ask something, and cuts the worker off at one of
/// them: before it reaches the server, or after it, with its reply lost. The connections stay open, and silent.
final class RedisProxy: Sendable {
    enum Cut: Sendable {
        case before
        case after
    }

    private struct Standing {
        var commands = 0
        var lastCommand = ""
        var isCut = false
        /// What is silent although nothing is cut: the connections of before.
        var silent: Set<Int32> = []
        var isHealed = false
        var sockets: Set<Int32> = []
    }

    let address: RedisAddress
    private let server: String
    private let place: Int
    private let cut: Cut
    private let listener: Int32
    private let standing = Mutex(Standing())

    /// Cuts at one of the commands, counted from 1 over all connections; 0 for none.
    ///
    /// - Throws: When it cannot listen.
    init(to address: RedisAddress, cutting cut: Cut = .before, at place: Int) throws {
        guard case .unix(let path) = address.place else {
            throw ProxyError(what: "only a Unix socket will do")
        }
        server = path
        self.place = place
        self.cut = cut
        let own = path + ".\(UInt32.random(in: 0 ... .max))"
        self.address = RedisAddress(place: .unix(path: own))
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = Self.withAddress(own) { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 64) == 0 else { throw ProxyError(what: "bind: \(errno)") }
        Thread.detachNewThread { [weak self, listener] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                if let self { self.serve(client) } else { close(client) }
            }
            // Here, where nobody waits at it any more: its number may be another's at once.
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var isCut: Bool { standing.withLock(\.isCut) }
    /// The name of the last command, counted or not.
    var lastCommand: String { standing.withLock(\.lastCommand) }

    /// Passes nothing on between those that are connected now, and tells neither of them; new connections work.
    func silencePresent() { standing.withLock { $0.silent = $0.sockets } }

    /// Ends the silent connections; new ones work, and nothing is cut any more.
    func heal() {
        standing.withLock { standing in
            standing.isCut = false
            standing.isHealed = true
            for socket in standing.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    // MARK: - Passing on

    private func serve(_ client: Int32) {
        let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard Self.withAddress(server, { connect(upstream, $0, $1) }) == 0 else {
            close(client)
            close(upstream)
            return
        }
        standing.withLock { $0.sockets.formUnion([client, upstream]) }
        let ends = Mutex(2)
        // Each direction has a thread; the second to end closes both.
        let end: @Sendable () -> Void = { [self] in
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(upstream, Int32(SHUT_RDWR))
            let isLast = ends.withLock { ends in
                ends -= 1
                return ends == 0
            }
            guard isLast else { return }
            standing.withLock { standing in
                standing.sockets.subtract([client, upstream])
                standing.silent.subtract([client, upstream])
            }
            close(client)
            close(upstream)
        }
        Thread.detachNewThread { [self] in
            var commands = CommandReader()
            while let bytes = Self.read(client) {
                for command in commands.take(bytes) where mayPass(command, from: client) {
                    Self.write(command.bytes, to: upstream)
                }
            }
            end()
        }
        Thread.detachNewThread { [self] in
            while let bytes = Self.read(upstream) {
                if !isSilent(upstream) { Self.write(bytes, to: client) }
            }
            end()
        }
    }

    private func isSilent(_ socket: Int32) -> Bool {
        standing.withLock { $0.isCut || $0.silent.contains(socket) }
    }

    private func mayPass(_ command: CommandReader.Command, from client: Int32) -> Bool {
        standing.withLock { standing in
            standing.lastCommand = command.name
            if standing.isCut || standing.silent.contains(client) { return false }
            guard !standing.isHealed, ["EVALSHA", "GET", "HSET"].contains(command.name) else { return true }
            standing.commands += 1
            guard standing.commands == place else { return true }
            // Before the server has it: its reply is lost for certain.
            standing.isCut = true
            return cut == .after
        }
    }

    private static func read(_ socket: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    private static func write(_ bytes: [UInt8], to socket: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

struct ProxyError: Error {
    let what: String
}

/// Parts a stream of requests into commands.
private struct CommandReader {
    struct Command {
        let name: String
        let bytes: [UInt8]
    }

    private var buffer: [UInt8] = []

    mutating func take(_ bytes: [UInt8]) -> [Command] {
        buffer += bytes
        var commands: [Command] = []
        while let (name, end) = first() {
            commands.append(Command(name: name, bytes: Array(buffer[..<end])))
            buffer.removeFirst(end)
        }
        return commands
    }

    /// The first command's name and where it ends, once it is all there.
    private func first() -> (name: String, end: Int)? {
        var position = 0
        guard let count = number(at: &position) else { return nil }
        var name = ""
        for index in 0..<count {
            guard let length = number(at: &position), position + length + 2 <= buffer.count else {
                return nil
            }
            if index == 0 { name = String(decoding: buffer[position..<position + length], as: UTF8.self) }
            position += length + 2
        }
        return (name, position)
    }

    /// The number of a line such as `*3` or `$7`.
    private func number(at position: inout Int) -> Int? {
        guard position < buffer.count, let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) else {
            return nil
        }
        defer { position = end + 1 }
        return Int(String(decoding: buffer[(position + 1)..<(end - 1)], as: UTF8.self))
    }
}
