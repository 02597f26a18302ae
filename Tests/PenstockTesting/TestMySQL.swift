import CPenstockMariaDB
import Foundation
package import PenstockMySQL

/// A server that speaks MySQL's protocol, for tests: the one that `PENSTOCK_TEST_MYSQL_URL` names, or a private one on a Unix
/// socket in a scratch folder, which dies with the test process. Its disk is waited for, as in earnest.
///
/// It is a MariaDB, unless `PENSTOCK_TEST_MYSQLD` names the program of MySQL's own server: then all of them are that, the one of
/// the environment too.
package final class TestMySQL: Sendable {
    /// A `mysql://` address of a user who may do anything. It names no database: ``makeDatabase()`` gives one.
    package let url: String
    package let address: MySQLAddress
    /// Nil for the one that the environment named.
    private let server: ServerProcess?

    private static let mysqld = ProcessInfo.processInfo.environment["PENSTOCK_TEST_MYSQLD"]

    /// Whether the servers are MySQL's own, and the tests are to say how that does.
    package static var isMySQL: Bool { mysqld != nil }

    /// What the servers are, as a report names it.
    package static var product: String { isMySQL ? "mysql" : "mariadb" }

    /// Where `global_status` and `session_status` are.
    package static var statusSchema: String { isMySQL ? "performance_schema" : "information_schema" }

    private init(_ url: String, _ server: ServerProcess?) throws {
        self.url = url
        address = try MySQLAddress(url)
        self.server = server
    }

    deinit {
        server?.stop(SIGKILL)
        if let folder = server?.folder { ScratchFolders.remove(folder) }
    }

    private static let running = Task { try await open() }

    /// The one that the tests of this process share: keep to databases of your own, and change no setting of it.
    package static var shared: TestMySQL {
        get async throws { try await running.value }
    }

    private static func open() async throws -> TestMySQL {
        guard let url = ProcessInfo.processInfo.environment["PENSTOCK_TEST_MYSQL_URL"] else {
            return try await start()
        }
        let mysql = try TestMySQL(url, nil)
        try await mysql.waitUntilReady()
        return mysql
    }

    /// Starts a server for one test, which may kill it and start it again. It ends with the last reference to it, and takes
    /// about two seconds to make. `port` is listened on at 127.0.0.1, see ``TestRedis/freePort()``; `options` are those of
    /// the command line, such as `["--max-allowed-packet=1M"]`.
    package static func start(port: UInt16? = nil, options: [String] = []) async throws -> TestMySQL {
        let folder = try ScratchFolders.make(for: product)
        let user = isMySQL ? nil : try ScratchFolders.handOver(folder, to: "mysql")
        try await makeData(in: folder, as: user)
        let socket = folder + "/server.sock"
        let network = port.map { ["--bind-address=127.0.0.1", "--port=\($0)"] } ?? ["--skip-networking"]
        let server = ServerProcess(
            [try mysqld ?? program("mariadbd")] + settings(in: folder)
                + ["--socket=\(socket)", "--pid-file=\(folder)/data/server.pid"]
                + ["--innodb-buffer-pool-size=64M", "--max-connections=600"] + network + options,
            in: folder, as: user)
        try server.start()
        let mysql = try TestMySQL("mysql://root@/?socket=\(socket)", server)
        try await mysql.waitUntilReady()
        return mysql
    }

    /// The folder of the server's socket, data and log; of a private one only.
    package var folder: String { server?.folder ?? "" }

    /// An empty database that no other test has; it is dropped with the last reference to it.
    package func makeDatabase() async throws -> TestMySQLDatabase {
        let database = TestMySQLDatabase(on: self)
        try await run("CREATE DATABASE \(database.name)")
        return database
    }

    /// Runs a statement on a connection of its own, past the client under test, and gives the first column of its rows.
    @discardableResult
    package func run(_ sql: String, in database: String? = nil) async throws -> [String] {
        try await onThread { try self.runBlocking(sql, in: database) }
    }

    func runBlocking(_ sql: String, in database: String? = nil) throws -> [String] {
        let mysql = mysql_init(nil)
        defer { mysql_close(mysql) }
        let (user, password) = (address.user, address.password)
        let opened =
            switch address.place {
            case .tcp(let host, let port):
                mysql_real_connect(mysql, host, user, password, database, UInt32(port), nil, 0)
            case .unix(let path):
                mysql_real_connect(mysql, nil, user, password, database, 0, path, 0)
            }
        guard opened != nil, mysql_query(mysql, sql) == 0 else {
            throw TestServerError(description: "\(sql): \(String(cString: mysql_error(mysql)))")
        }
        guard let result = mysql_store_result(mysql) else { return [] }
        defer { mysql_free_result(result) }
        var values: [String] = []
        while let row = mysql_fetch_row(result) {
            values.append(row[0].map { String(cString: $0) } ?? "NULL")
        }
        return values
    }

    /// Kills the server, as a crash does, and returns when it is gone. What it had made durable is kept.
    package func kill() { server?.stop(SIGKILL) }

    /// Ends it in order, with every session, and returns when it is gone.
    package func stop() { server?.stop(SIGTERM) }

    /// Starts it again after ``kill()`` or ``stop()``, on the data that it had.
    package func restart() async throws {
        try server?.start()
        try await waitUntilReady()
    }

    /// Stops the server's process in its tracks, until ``resume()``.
    package func suspend() { server?.suspend() }
    package func resume() { server?.signal(SIGCONT) }

    // MARK: Starting

    private func waitUntilReady() async throws {
        try await onThread { [self] in
            let deadline = ContinuousClock.now + .seconds(30)
            while true {
                do {
                    _ = try runBlocking("DO 0")
                    return
                } catch {
                    guard server?.isRunning != false, ContinuousClock.now < deadline else {
                        throw TestServerError(
                            description: "No \(Self.product) at \(address): \(error)\n\(server?.log ?? "")")
                    }
                    usleep(5_000)
                }
            }
        }
    }

    /// What is the same for making the tables and for running. The log is smaller than usual: it is written in full when a
    /// server is made. And servers that begin in one folder for temporary files delete each other's. MySQL's own server is one of
    /// whoever runs the tests, root too, who may be the only one to reach its program.
    private static func settings(in folder: String) -> [String] {
        [
            "--no-defaults", "--datadir=\(folder)/data", "--tmpdir=\(folder)",
            "--loose-innodb-log-file-size=32M",
        ]
            + (isMySQL && geteuid() == 0 ? ["--user=root"] : [])
    }

    private static func makeData(in folder: String, as user: String?) async throws {
        let maker: [String]
        if let mysqld {
            maker = [mysqld] + settings(in: folder) + ["--initialize-insecure"]
        } else {
            maker =
                [try program("mariadb-install-db")] + settings(in: folder)
                + ["--skip-test-db", "--auth-root-authentication-method=normal"]
        }
        let making = ServerProcess(maker, in: folder, as: user)
        try making.start()
        try await onThread { making.waitForEnd() }
        guard
            FileManager.default.fileExists(
                atPath: folder + "/data/" + (isMySQL ? "public_key.pem" : "mysql/proc.frm"))
        else {
            throw TestServerError(description: "\(maker[0]) made no data folder: \(making.log)")
        }
    }

    /// Debian keeps the server where only root looks for programs.
    private static func program(_ name: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"]
        let files = folders.map { "\($0)/\(name)" }
        guard let file = files.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw TestServerError(description: "\(name) is not installed (package mariadb-server).")
        }
        return file
    }
}
