import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct MySQLTLSTests {
    /// A server that offers TLS, and an address of a database on it, by way of TCP.
    fileprivate struct Encrypted: Sendable {
        let certificates: TestCertificates
        let scratch: TestMySQLDatabase
        let address: MySQLAddress

        init(offered: Bool = true) async throws {
            certificates = try TestCertificates()
            let port = try TestRedis.freePort()
            let server = try await TestMySQL.start(
                port: port,
                options: offered
                    ? [
                        "--ssl-cert=\(certificates.path("server.pem"))",
                        "--ssl-key=\(certificates.path("server.key"))",
                    ] : TestMySQL.isMySQL ? ["--ssl-cert=/there-is-none"] : ["--skip-ssl"])
            scratch = try await server.makeDatabase()
            try await scratch.run("CREATE TABLE entry(id VARCHAR(80) PRIMARY KEY, value BIGINT)")
            var address = try await scratch.makeUser(rights: "ALL", with: "")
            address.place = .tcp(host: "localhost", port: port)
            self.address = address
        }

        func address(_ mode: MySQLTLS.Mode, trusting authorities: String? = nil) -> MySQLAddress {
            var address = address
            address.tls = MySQLTLS(mode: mode)
            address.tls.authorities = authorities
            return address
        }
    }

    @Test
    func `a connection is encrypted as far as it is asked for`() async throws {
        let server = try await Encrypted()
        let authority = server.certificates.path("authority.pem")
        var byNumber = server.address(.verifyAuthority, trusting: authority)
        byNumber.place = .tcp(host: "127.0.0.1", port: server.port)
        let good: [(MySQLAddress, Bool)] = [
            (server.address(.disabled), false), (server.address(.preferred), true),
            (server.address(.required), true), (byNumber, true),
            (server.address(.verifyFull, trusting: authority), true),
        ]
        for (address, isEncrypted) in good {
            let database = try await MySQLDatabase.open(address, options: .patient, on: .tests)
            _ = try await database.commit(on: .tests) { SQLBatch([SQLCommand("SELECT 1")]) }
            let again = try await database.commit(on: .tests) { SQLBatch([SQLCommand("SELECT 1")]) }
            #expect(again.isOnLoop == !isEncrypted)
            #expect((database.executor(isAlone: false) == nil) == isEncrypted)
            let session = try await database.read { connection throws(SQLError) in
                try connection.query("SHOW STATUS LIKE 'Ssl_cipher'")[0].text(at: 1)
            }
            #expect(session.isEmpty == !isEncrypted)
            let fact = try await database.describe().facts.first { $0.name == "tls" }
            #expect(fact?.value == (isEncrypted ? session : "off"))
            await database.close()
        }
        byNumber.tls.mode = .verifyFull
        let other = try TestCertificates().path("authority.pem")
        let bad = [
            byNumber, server.address(.verifyFull), server.address(.verifyFull, trusting: other),
            server.address(.verifyAuthority, trusting: other), server.address(.required, trusting: other),
            server.address(.verifyAuthority, trusting: "/tmp/there-is-no-such-file.pem"),
        ]
        for address in bad {
            let error = await failure(ofOpening: address, options: .patient)
            guard case .refused(let reason) = error else {
                Issue.record("\(address.tls): \(String(describing: error))")
                continue
            }
            #expect(reason.contains("TLS") && !reason.contains("topsecret"))
        }
    }

    @Test
    func `a server without TLS is refused where it is required`() async throws {
        let server = try await Encrypted(offered: false)
        let authority = server.certificates.path("authority.pem")
        let plain = try await MySQLDatabase.open(server.address(.preferred), options: .patient, on: .tests)
        #expect(plain.executor(isAlone: false) != nil)
        await plain.close()
        for mode in [MySQLTLS.Mode.required, .verifyAuthority, .verifyFull] {
            let error = await failure(
                ofOpening: server.address(mode, trusting: authority), options: .patient)
            guard case .refused = error else {
                Issue.record("\(mode): \(String(describing: error))")
                continue
            }
        }
    }

    @Test(arguments: [MySQLTLS.Mode.preferred, .required])
    func `no password is told where there is no TLS`(_ mode: MySQLTLS.Mode) async throws {
        let server = try FakeServer(.askingForThePassword)
        var address = try MySQLAddress("mysql://ada:topsecret@127.0.0.1:\(server.port)/db")
        address.tls.mode = mode
        let error = await failure(ofOpening: address, options: .patient)
        let said = await server.said()
        #expect(said.ranges(of: Array("topsecret".utf8)).isEmpty)
        if mode == .preferred {
            // Asks for the server's key, to encrypt it with.
            #expect(said.suffix(5) == [1, 0, 0, 3, 2])
        } else {
            #expect(said.isEmpty)
            #expect(error?.description.contains("TLS") == true)
        }
    }

    @Test
    func `within TLS all goes as without`() async throws {
        let server = try await Encrypted()
        var address = server.address(.required)
        address.connections = 1
        let database = try await MySQLDatabase.open(address, options: .patient, on: .tests)
        let text = SQLValue.text(String(repeating: "größer ", count: 500_000))
        var ids: Set<Int64> = []
        for way in Way.allCases {
            let answer = try await way.run(SQLCommand("SELECT ?, CONNECTION_ID()", [text]), in: database)
            #expect(try answer.rows[0].text(at: 0) == (try SQLRow([text]).text(at: 0)))
            ids.insert(try answer.rows[0].integer(at: 1))
            await #expect(throws: SQLError.self) {
                try await way.run(SQLCommand("SELECT nothing"), in: database)
            }
        }
        // The connection was never taken for a dead one.
        #expect(ids.count == 1)
        let sessions = "SELECT id FROM information_schema.processlist WHERE user = '\(address.user ?? "")'"
        for id in try await server.scratch.run(sessions) { try await server.scratch.run("KILL \(id)") }
        while try await server.scratch.run(sessions) != [] {}
        _ = try await database.commit { SQLBatch([.insert("a"), .insert("b")]) }
        #expect(try await database.ids == ["a", "b"])
        await database.close()
    }

    @Test
    func `within TLS a server that takes too long is given up too`() async throws {
        let server = try await Encrypted()
        let options = MySQLOptions(connectLimit: .seconds(60), answerLimit: .seconds(3))
        let database = try await MySQLDatabase.open(server.address(.required), options: options, on: .tests)
        for way in [Way.laterInTransaction, .amongOthersOfCommit, .amongOthersOnLoop] {
            let error = await #expect(throws: SQLError.self) {
                try await way.run(SQLCommand("DO SLEEP(20)"), in: database)
            }
            guard case .connectionLost(let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.hasSuffix("took too long to answer."))
        }
        await database.close()
    }
}

extension MySQLTLSTests.Encrypted {
    fileprivate var port: UInt16 {
        guard case .tcp(_, let port) = address.place else { return 0 }
        return port
    }
}
