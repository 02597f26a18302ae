import Foundation
package import PenstockRedis
import Synchronization

/// A Redis for tests: the one that `PENSTOCK_TEST_REDIS_URL` names, or a private one on a Unix socket in a scratch folder,
/// which dies with the test process.
package final class TestRedis: Sendable {
    package let address: RedisAddress
    /// Nil for the one that the environment named.
    private let server: ServerProcess?

    init(_ address: RedisAddress, _ server: ServerProcess?) {
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
        let folder = try ScratchFolders.make(for: "redis")
        let socket = folder + "/redis.sock"
        let server = ServerProcess(
            ["redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socket]
                + ["--dir", folder, "--save", "", "--appendonly", "no", "--daemonize", "no"] + options,
            in: folder)
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

    /// A port of 127.0.0.1 that nobody listened on a moment ago, and that no other test of this process has been given.
    package static func freePort() throws -> UInt16 {
        for _ in 1...1_000 {
            let port = UInt16.random(in: portsForServers)
            if handedOut.withLock({ $0.insert(port).inserted }), isFree(port) { return port }
        }
        throw TestServerError(description: "No free port.")
    }

    private static let handedOut = Mutex<Set<UInt16>>([])
    /// Below those that the system gives to connections that go out, and may give before a server takes its own.
    private static let portsForServers: Range<UInt16> = 10_000..<32_000

    private static func isFree(_ port: UInt16) -> Bool {
        // A server that is started just now must not inherit it, and hold the port.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        return status == 0
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

    func waitUntilReady() async throws {
        do {
            try await RedisClient(address).connect()
        } catch {
            throw TestServerError(description: "No Redis at \(address): \(error)\n\(server?.log ?? "")")
        }
    }
}
