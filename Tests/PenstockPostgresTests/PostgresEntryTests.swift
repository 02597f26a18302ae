import Foundation
import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Testing

/// How servers let us in, or do not.
@Suite(.timeLimit(.minutes(2)))
struct PostgresEntryTests {
    enum Kind: Sendable {
        case lost, refused, contention, other

        init(_ error: SQLError?) {
            self =
                switch error {
                case .connectionLost: .lost
                case .refused: .refused
                case .contention: .contention
                default: .other
                }
        }
    }

    /// Opens what cannot be opened, and looks at why.
    private func expect(
        _ kind: Kind, saying words: String, from url: String, options: PostgresOptions = PostgresOptions(),
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let address = try PostgresAddress(url)
        let failure = await failure { () throws(SQLError) in
            try await PostgresDatabase.open(address, options: options)
        }
        #expect(Kind(failure) == kind, "\(String(describing: failure))", sourceLocation: location)
        let sentence = failure?.description ?? ""
        #expect(sentence.contains(words), sourceLocation: location)
        #expect(sentence.hasSuffix("."), sourceLocation: location)
        #expect(!sentence.contains("topsecret"), sourceLocation: location)
    }

    @Test
    func `a server that takes the connection and says nothing is given up`() async throws {
        let silent = try SilentServer()
        let began = ContinuousClock.now
        try await expect(
            .lost, saying: "PostgreSQL at 127.0.0.1:\(silent.port) did not let us in within 0.2 seconds.",
            from: "postgres://ada:topsecret@127.0.0.1:\(silent.port)/db",
            options: PostgresOptions(connectLimit: .milliseconds(200)))
        try await expect(
            .lost, saying: "did not let us in within 1.0 seconds.",
            from: "postgres://ada:topsecret@127.0.0.1:\(silent.port)/db?connect_timeout=1")
        #expect(ContinuousClock.now - began < .seconds(4))
    }

    @Test
    func `a wrong password is refused, and told nowhere`() async throws {
        let server = try await TestPostgres.start(access: ["local all ada scram-sha-256"])
        try await server.run("CREATE ROLE ada LOGIN PASSWORD 'topsecret:right'")
        let place = server.url.drop { $0 != "@" }
        let pool = try await PostgresDatabase.open(
            PostgresAddress("postgres://ada:topsecret%3Aright\(place)"))
        #expect(try await pool.describe().location == "\(server.folder)/.s.PGSQL.5432/postgres")
        await pool.close()
        try await expect(.refused, saying: "(28P01)", from: "postgres://ada:topsecret\(place)")
        try await expect(.refused, saying: "asks for a password", from: "postgres://ada\(place)")
    }

    @Test
    func `who or what the server does not know is refused`() async throws {
        let url = try await TestPostgres.shared.url
        let folder = try #require(url.split(separator: "host=").last)
        try await expect(
            .refused, saying: #"role "nobody_here" does not exist (28000)"#,
            from: "postgres://nobody_here:topsecret@/postgres?host=\(folder)")
        try await expect(
            .refused, saying: #"database "nothing_here" does not exist (3D000)"#,
            from: url.replacing("/postgres?", with: "/nothing_here?"))
        try await expect(
            .other, saying: #"unrecognized configuration parameter "nothing_here" (42704)"#,
            from: url + "&options=-cnothing_here%3D1")
    }

    @Test
    func `nobody at the address is told`() async throws {
        let port = try TestRedis.freePort()
        try await expect(
            .lost, saying: "Connection refused", from: "postgres://ada:topsecret@127.0.0.1:\(port)/db")
        try await expect(.lost, saying: "No such file", from: "postgres://ada:topsecret@/db?host=/nowhere")
        try await expect(
            .lost, saying: "could not translate host name", from: "postgres://ada:topsecret@host.invalid/db")
    }

    @Test
    func `a full server is waited for`() async throws {
        let server = try await TestPostgres.start(options: [
            "max_connections=5", "superuser_reserved_connections=3",
        ])
        try await server.run("CREATE ROLE ada LOGIN")
        let url = "postgres://ada\(server.url.drop { $0 != "@" })"
        let one = try await PostgresDatabase.open(PostgresAddress(url))
        let two = try await PostgresDatabase.open(PostgresAddress(url))
        try await expect(.contention, saying: "(53300)", from: url)
        #expect(try await one.describe().facts.first { $0.name == "connections" }?.complaint != nil)
        await one.close()
        await two.close()
    }

    @Test
    func `of several servers the first that can be written to is taken`() async throws {
        let (port, closed) = (try TestRedis.freePort(), try TestRedis.freePort())
        let (readable, writable) = (
            try await TestPostgres.start(options: ["default_transaction_read_only=on"]),
            try await TestPostgres.start(port: port)
        )
        let silent = try SilentServer()
        let socket = readable.folder.replacing("/", with: "%2F")
        let hosts = "127.0.0.1:\(closed),127.0.0.1:\(silent.port),\(socket),127.0.0.1:\(port)"
        let options = PostgresOptions(connectLimit: .seconds(2))
        let pool = try await PostgresDatabase.open(
            PostgresAddress("postgres://postgres@\(hosts)/postgres"), options: options)
        #expect(try await pool.describe().location == "127.0.0.1:\(port)/postgres")
        await pool.close()
        writable.kill()
        try await expect(
            .lost, saying: "Connection refused", from: "postgres://postgres:topsecret@\(hosts)/postgres",
            options: options)
    }

    @Test
    func `a server that may only be read from refuses to write, and says so to the doctor`() async throws {
        let server = try await TestPostgres.start(options: ["default_transaction_read_only=on"])
        let pool = try await PostgresDatabase.open(PostgresAddress(server.url))
        let failure = await failure { () throws(SQLError) in
            try await pool.write { connection throws(SQLError) in
                try connection.script("CREATE TABLE t (a int)")
            }
        }
        #expect(Kind(failure) == .refused)
        #expect(try await pool.describe().facts.first { $0.name == "read_only" }?.complaint != nil)
        await pool.close()
    }

    @Test
    func `what endangers the data is told to the doctor`() async throws {
        let server = try await TestPostgres.start(
            options: ["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
        let pool = try await PostgresDatabase.open(PostgresAddress(server.url))
        let description = try await pool.describe()
        await pool.close()
        #expect(description.product == "PostgreSQL")
        #expect(description.version.first?.isNumber == true)
        #expect(
            description.facts.filter { $0.complaint != nil }.map(\.name) == [
                "fsync", "synchronous_commit", "full_page_writes",
            ])
        #expect(description.facts.first { $0.name == "server_encoding" }?.value == "UTF8")
        #expect(description.facts.first { $0.name == "encryption" }?.value == "none")
    }

    /// Copies the server's key to where it looks for it: one that others may read it does not take.
    private func hand(_ certificates: TestCertificates, to server: TestPostgres) throws {
        let data = server.folder + "/data"
        var facts = stat()
        guard stat(data, &facts) == 0 else { throw CocoaError(.fileReadUnknown) }
        for (file, name) in [("server.pem", "server.crt"), ("server.key", "server.key")] {
            let copy = "\(data)/\(name)"
            try FileManager.default.copyItem(atPath: certificates.path(file), toPath: copy)
            guard chmod(copy, 0o600) == 0, chown(copy, facts.st_uid, facts.st_gid) == 0 else {
                throw CocoaError(.fileWriteNoPermission)
            }
        }
    }

    @Test
    func `a connection over TLS is checked against the authority that the address names`() async throws {
        let port = try TestRedis.freePort()
        let server = try await TestPostgres.start(port: port)
        let (certificates, others) = (try TestCertificates(), try TestCertificates())
        try hand(certificates, to: server)
        try await server.run("ALTER SYSTEM SET ssl = on")
        try await server.run("SELECT pg_reload_conf()")
        while try await server.run("SHOW ssl") != ["on"] { await Task.yield() }
        let url = "postgres://postgres:topsecret@localhost:\(port)/postgres?sslmode=verify-full&sslrootcert="
        let trusting = url + certificates.path("authority.pem")
        let pool = try await PostgresDatabase.open(PostgresAddress(trusting))
        #expect(try await pool.describe().facts.first { $0.name == "encryption" }?.value == "TLSv1.3")
        _ = try await pool.commit(isDurable: true) { [SQLCommand("SELECT repeat('x', 1000000)")] }
        await pool.close()
        try await expect(
            .lost, saying: "SSL error", from: url + others.path("authority.pem"))
        try await expect(.lost, saying: "root certificate file", from: url + "/nowhere.pem")
        try await expect(
            .lost, saying: "does not match host name",
            from: trusting.replacing("localhost", with: "127.0.0.1"))
    }

    @Test
    func `the environment does not change how times are written`() async throws {
        let url = try await TestPostgres.shared.url
        await #expect(processExitsWith: .success) { [url = url as String] in
            setenv("PGTZ", "Asia/Tokyo", 1)
            setenv("PGDATESTYLE", "German", 1)
            let pool = try await PostgresDatabase.open(PostgresAddress(url))
            let row = try await pool.read { connection throws(SQLError) in
                try connection.query("SELECT '2024-02-29 12:00:00+02'::timestamptz")[0].text(at: 0)
            }
            guard row == "2024-02-29 10:00:00+00" else { exit(1) }
        }
    }
}
