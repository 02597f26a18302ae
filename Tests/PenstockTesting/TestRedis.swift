import Foundation
package import PenstockRedis
import Synchronization

/// A Redis for tests: the one that `PENSTOCK_TEST_REDIS_URL` names, or a private one on a Unix socket in a scratch folder,
/// which dies with the test process.
package final class TestRedis: Sendable {
    package let address: RedisAddress
    /// Nil for the one that the environment named.
    private let server: Server?

    private init(_ address: RedisAddress, _ server: Server?) {
        self.address = address
        self.server = server
    }

    deinit {
        server?.stop(SIGKILL)
        if let folder = server?.folder { ScratchFolders.remove(folder) }
    }

    private static let running = Task { try await open() }

    /// The one that the tests of this process share: keep to keys under ``prefix()``.
    package static var shared: TestRedis {
        get async throws { try await running.value }
    }

    private static func open() async throws -> TestRedis {
        guard let url = ProcessInfo.processInfo.environment["PENSTOCK_TEST_REDIS_URL"] else {
            return try await start()
        }
        let redis = TestRedis(try RedisAddress(url), nil)
        try await redis.waitUntilReady()
        return redis
    }

    /// Starts a server for one test, which may stop it and start it again. It ends with the last reference to it.
    /// `port` is listened on at 127.0.0.1, see ``freePort()``; `options` are those of the command line, such as
    /// `["--requirepass", "secret"]`; the rest is what the address shall hold.
    package static func start(
        port: UInt16 = 0, options: [String] = [], user: String? = nil, password: String? = nil,
        database: Int = 0
    ) async throws -> TestRedis {
        let folder = try ScratchFolders.make()
        let socket = folder + "/redis.sock"
        let server = Server(folder: folder, port: port, options: options)
        try server.start()
        let address = RedisAddress(
            place: .unix(path: socket), user: user, password: password, database: database)
        let redis = TestRedis(address, server)
        try await redis.waitUntilReady()
        return redis
    }

    /// A prefix for keys that no other test has.
    package static func prefix() -> String {
        "test:\(UInt64.random(in: 0 ... .max)):"
    }

    /// A port of 127.0.0.1 that nobody listened on a moment ago.
    package static func freePort() throws -> UInt16 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) | getsockname(listener, address, &size)
            }
        }
        guard status == 0 else { throw TestRedisError(description: "No free port: errno \(errno).") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Ends the server as a crash does, and returns when it is gone.
    package func kill() { server?.stop(SIGKILL) }

    /// Starts it again, empty, in the same place.
    package func restart() async throws {
        try server?.start()
        try await waitUntilReady()
    }

    /// Stops the server's process in its tracks, until ``resume()``.
    package func suspend() { server?.signal(SIGSTOP) }
    package func resume() { server?.signal(SIGCONT) }

    private func waitUntilReady() async throws {
        do {
            try await RedisClient(address).connect()
        } catch {
            let log = server.map { FileManager.default.contents(atPath: $0.folder + "/redis.log") ?? Data() }
            throw TestRedisError(
                description: "No Redis at \(address): \(error)\n"
                    + String(decoding: log ?? Data(), as: UTF8.self))
        }
    }
}

package struct TestRedisError: Error, CustomStringConvertible {
    package let description: String
}

/// The process of a redis-server.
private final class Server: Sendable {
    let folder: String
    private let port: UInt16
    private let options: [String]
    private let running = Mutex<(pid: pid_t, gone: DispatchSemaphore)?>(nil)

    init(folder: String, port: UInt16, options: [String]) {
        self.folder = folder
        self.port = port
        self.options = options
    }

    func start() throws {
        let words =
            ["setpriv", "--pdeathsig", "KILL", "redis-server", "--port", "\(port)", "--bind", "127.0.0.1"]
            + ["--unixsocket", folder + "/redis.sock", "--dir", folder, "--logfile", folder + "/redis.log"]
            + ["--save", "", "--appendonly", "no", "--daemonize", "no"] + options
        let spawned = DispatchSemaphore(value: 0)
        let gone = DispatchSemaphore(value: 0)
        let outcome = Mutex<(pid: pid_t, status: Int32)>((0, 0))
        // The server dies with the thread that started it, so that has to be one which lasts: it waits for the end.
        Thread.detachNewThread {
            var pid: pid_t = 0
            var arguments = words.map { strdup($0) } + [nil]
            let status = posix_spawnp(&pid, words[0], nil, nil, &arguments, environ)
            for argument in arguments { free(argument) }
            outcome.withLock { $0 = (pid, status) }
            spawned.signal()
            guard status == 0 else { return }
            var ending: Int32 = 0
            while waitpid(pid, &ending, 0) < 0, errno == EINTR {}
            gone.signal()
        }
        spawned.wait()
        let (pid, status) = outcome.withLock { $0 }
        guard status == 0 else {
            throw TestRedisError(description: "redis-server did not start: errno \(status).")
        }
        running.withLock { $0 = (pid, gone) }
    }

    func signal(_ number: Int32) {
        running.withLock { running in
            if let running { Foundation.kill(running.pid, number) }
        }
    }

    /// Returns when the process is gone.
    func stop(_ number: Int32) {
        running.withLock { running in
            guard let (pid, gone) = running.take() else { return }
            Foundation.kill(pid, number)
            gone.wait()
        }
    }
}

/// Folders under /tmp that are removed when the process exits, at the latest.
private enum ScratchFolders {
    private static let folders: Mutex<Set<String>> = {
        atexit { ScratchFolders.removeAll() }
        return Mutex([])
    }()

    static func make() throws -> String {
        var template = Array("/tmp/penstock-redis-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestRedisError(description: "No scratch folder: errno \(errno).")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        folders.withLock { _ = $0.insert(folder) }
        return folder
    }

    static func remove(_ folder: String) {
        folders.withLock { _ = $0.remove(folder) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func removeAll() {
        for folder in folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) }
    }
}
