import CPenstockPostgres
import Foundation

/// A PostgreSQL for tests: the one that `PENSTOCK_TEST_POSTGRES_URL` names, or a private one on a Unix socket in a scratch
/// folder, which dies with the test process. Its disk is waited for, as in earnest.
package final class TestPostgres: Sendable {
    /// A `postgres://` address of a superuser, whose database is for nothing but making others.
    package let url: String
    /// Nil for the one that the environment named.
    private let server: ServerProcess?

    private init(_ url: String, _ server: ServerProcess?) {
        self.url = url
        self.server = server
    }

    deinit {
        server?.stop(SIGQUIT)
        if let folder = server?.folder { ScratchFolders.remove(folder) }
    }

    private static let running = Task { try await open() }

    /// The one that the tests of this process share: keep to a schema of your own, see ``schema()``.
    package static var shared: TestPostgres {
        get async throws { try await running.value }
    }

    private static func open() async throws -> TestPostgres {
        guard let url = ProcessInfo.processInfo.environment["PENSTOCK_TEST_POSTGRES_URL"] else {
            return try await start()
        }
        let postgres = TestPostgres(url, nil)
        try await postgres.waitUntilReady()
        return postgres
    }

    /// Starts a server for one test, which may kill it and start it again. It ends with the last reference to it, and takes
    /// about a second to make. `port` is listened on at 127.0.0.1, see ``TestRedis/freePort()``; `options` are settings of the
    /// server's, such as `["max_connections=10"]`; `access` are lines of `pg_hba.conf` that stand before the ones which let
    /// everybody in from this host.
    package static func start(
        port: UInt16? = nil, options: [String] = [], access: [String] = []
    ) async throws -> TestPostgres {
        let folder = try ScratchFolders.make(for: "postgres")
        let user = try ScratchFolders.handOver(folder, to: "postgres")
        try await Self.run(
            ["cp", "-a", "--reflink=auto", try await blank.value + "/data", folder], in: folder, as: user)
        let everybody = ["local all all trust", "host all all 127.0.0.1/32 trust"]
        try (access + everybody).joined(separator: "\n").appending("\n")
            .write(toFile: folder + "/data/pg_hba.conf", atomically: false, encoding: .utf8)
        let settings =
            [
                "listen_addresses=\(port == nil ? "" : "127.0.0.1")", "port=\(port ?? 5432)",
                "unix_socket_directories=\(folder)", "max_connections=600",
                // What it leaves behind when it is killed goes with the folder.
                "dynamic_shared_memory_type=mmap",
            ] + options
        let server = ServerProcess(
            [try program("postgres"), "-D", folder + "/data"] + settings.flatMap { ["-c", $0] },
            in: folder, as: user, deathSignal: "QUIT")
        try server.start()
        let postgres = TestPostgres(
            "postgres://postgres@/postgres?host=\(folder)&port=\(port ?? 5432)", server)
        try await postgres.waitUntilReady()
        return postgres
    }

    /// The folder of the server's socket, data and log; of a private one only.
    package var folder: String { server?.folder ?? "" }

    /// Makes a schema that no other test has and gives an address in which it is the one that tables are made in and looked
    /// for. (A database of one's own takes a hundred times as long.)
    package func schema() async throws -> String {
        let name = "test_\(UInt64.random(in: 0 ... .max))"
        try await run("CREATE SCHEMA \(name)")
        return url + (url.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(name)"
    }

    /// Runs statements as a superuser, on a connection of their own, and gives the first column of the last one's rows.
    @discardableResult
    package func run(_ sql: String) async throws -> [String] {
        let url = url
        return try await onThread {
            let connection = PQconnectdb(url)
            defer { PQfinish(connection) }
            let result = PQexec(connection, sql)
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK:
                return (0..<PQntuples(result)).map { String(cString: PQgetvalue(result, $0, 0)) }
            case PGRES_COMMAND_OK: return []
            default: throw TestServerError(description: String(cString: PQerrorMessage(connection)))
            }
        }
    }

    /// Kills the server and all its sessions at once, as a crash of its host does, and returns when they are gone.
    package func kill() { server?.crash() }

    /// Ends it in order, with every session, and returns when it is gone.
    package func stop() { server?.stop(SIGINT) }

    /// Starts it again after ``kill()`` or ``stop()``, on the data that it had.
    package func restart() async throws {
        try server?.start()
        try await waitUntilReady()
    }

    /// Stops the process that lets new sessions in, until ``resume()``; those that are in go on.
    package func suspend() { server?.signal(SIGSTOP) }
    package func resume() { server?.signal(SIGCONT) }

    // MARK: Starting

    private func waitUntilReady() async throws {
        let (url, server) = (url, server)
        try await onThread {
            let deadline = ContinuousClock.now + .seconds(30)
            while true {
                let connection = PQconnectdb(url)
                defer { PQfinish(connection) }
                if PQstatus(connection) == CONNECTION_OK { return }
                guard server?.isRunning != false, ContinuousClock.now < deadline else {
                    let reason = String(cString: PQerrorMessage(connection))
                    throw TestServerError(
                        description: "No PostgreSQL at \(url): \(reason)\n\(server?.log ?? "")")
                }
                usleep(5_000)
            }
        }
    }

    /// A folder with the data of a server that has nothing in it, to be copied: making it takes half a second.
    private static let blank = Task {
        let folder = try ScratchFolders.make(for: "postgres")
        let data = folder + "/data"
        try await run(
            [try program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
                + ["--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            in: folder, as: try ScratchFolders.handOver(folder, to: "postgres"))
        return folder
    }

    /// Runs a program that ends by itself, and leaves a folder of data.
    private static func run(_ command: [String], in folder: String, as user: String?) async throws {
        let program = ServerProcess(command, in: folder, as: user)
        try program.start()
        try await onThread { program.waitForEnd() }
        guard FileManager.default.fileExists(atPath: folder + "/data/postgresql.conf") else {
            throw TestServerError(description: "\(command[0]) failed: \(program.log)")
        }
    }

    /// Debian keeps the programs of each version in a folder of its own, off the PATH; the newest is taken.
    private static func program(_ name: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let debian = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        let folders =
            path.split(separator: ":").map(String.init)
            + versions.sorted { Int($0) ?? 0 > Int($1) ?? 0 }.map { "\(debian)/\($0)/bin" }
        guard
            let file = folders.map({ "\($0)/\(name)" }).first(where: {
                FileManager.default.isExecutableFile(atPath: $0)
            })
        else {
            throw TestServerError(description: "\(name) of PostgreSQL is not installed (package postgresql).")
        }
        return file
    }
}

/// Runs what blocks on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
