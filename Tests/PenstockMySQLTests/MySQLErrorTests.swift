import Dispatch
import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

/// What is thrown when something goes wrong for real.
@Suite(.timeLimit(.minutes(2)))
struct MySQLErrorTests {
    @Test(arguments: Way.allCases)
    func `a key that is there already is named, and not the value`(_ way: Way) async throws {
        try await withDatabase { database, scratch in
            try await scratch.run(
                "CREATE TABLE person(id INT PRIMARY KEY, name VARCHAR(200), UNIQUE KEY by_name(name))")
            let insert = SQLCommand("INSERT INTO person VALUES (?, ?)", [1, "Alice' for key 'fake'"])
            _ = try await way.run(insert, in: database)
            await #expect(throws: SQLError.duplicate(key: "PRIMARY")) {
                try await way.run(insert, in: database)
            }
            await #expect(throws: SQLError.duplicate(key: "by_name")) {
                try await way.run(SQLCommand(insert.sql, [2, insert.values[1]]), in: database)
            }
        }
    }

    static let wrong: [(SQLCommand, String)] = [
        (SQLCommand("INSERT INTO entry VALUES (?, ?)", ["a", "topsecret"]), "refuses"),
        (
            SQLCommand(
                "INSERT INTO entry VALUES (?, ?)", [.text(String(repeating: "topsecret", count: 10)), 1]),
            "refuses"
        ),
        (SQLCommand("INSERT INTO entry VALUES (?, ?)", ["a", .real(7_654_321e30)]), "cannot"),
        (SQLCommand("INSERT INTO entry VALUES ('a', 1 + ?)", ["topsecret"]), "cannot"),
        (SQLCommand("SELECT CAST(? AS UNSIGNED) - 7654321 FROM entry", [1]), "cannot"),
        (SQLCommand("SELECT EXTRACTVALUE(?, ?)", ["<a/>", "topsecret'("]), "refuses"),
        (SQLCommand("SELECT * FROM entry WHERE id = ? nonsense ?", ["topsecret", 7_654_321]), "cannot"),
        (SQLCommand("SELECT nothing FROM entry WHERE id = ?", ["topsecret"]), "cannot"),
        (SQLCommand("SELECT * FROM nowhere WHERE id = ?", ["topsecret"]), "cannot"),
        (SQLCommand("INSERT INTO entry VALUES (?)", ["topsecret"]), "cannot"),
        (SQLCommand("INSERT INTO entry VALUES (NULL, ?)", [7_654_321]), "cannot"),
        (SQLCommand("SELECT ?", ["topsecret", 7_654_321]), "was given 2"),
    ]

    @Test(arguments: Way.allCases)
    func `a wrong statement is told of without its values`(_ way: Way) async throws {
        try await withDatabase { database, scratch in
            try await scratch.run("INSERT INTO entry VALUES ('there', 1)")
            for (command, words) in Self.wrong {
                let error = await #expect(throws: SQLError.self) { try await way.run(command, in: database) }
                switch error {
                case .bug(let reason):
                    #expect(reason.hasSuffix(": " + command.sql))
                    #expect(reason.contains(words))
                case .unfit(let reason): #expect(reason.contains(words))
                default: Issue.record("\(String(describing: error))")
                }
                for secret in ["topsecret", "7654321", "7.654321"] where !command.sql.contains(secret) {
                    #expect(error?.description.contains(secret) == false)
                }
                #expect(try await database.ids == ["there"])
            }
        }
    }

    @Test
    func `of two transactions that wait for each other one is to start anew`() async throws {
        try await withDatabase(connections: 2) { database, scratch in
            try await scratch.run("INSERT INTO entry VALUES ('a', 0), ('b', 0)")
            let hasFirst = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
            @Sendable func update(_ first: Int) async -> SQLError? {
                do throws(SQLError) {
                    try await database.write { connection throws(SQLError) in
                        let rows: [SQLValue] = first == 0 ? ["a", "b"] : ["b", "a"]
                        let sql = "UPDATE entry SET value = value + 1 WHERE id = ?"
                        try connection.execute(sql, [rows[0]])
                        hasFirst[first].signal()
                        hasFirst[1 - first].wait()
                        defer { hasFirst[1 - first].signal() }
                        do throws(SQLError) {
                            try connection.execute(sql, [rows[1]])
                        } catch {
                            // What goes on all the same is told again.
                            try connection.execute(sql, [rows[1]])
                        }
                    }
                    return nil
                } catch {
                    return error
                }
            }
            async let one = update(0)
            async let other = update(1)
            let errors = await [one, other].compactMap(\.self)
            #expect(errors.count == 1)
            guard case .startAnew = errors.first else {
                Issue.record("\(errors)")
                return
            }
            #expect(try await scratch.run("SELECT value FROM entry") == ["1", "1"])
        }
    }

    @Test(arguments: Way.allCases)
    func `a row that another holds too long is contention, and undoes all`(_ way: Way) async throws {
        let options = MySQLOptions(answerLimit: .seconds(4))
        try await withDatabase(connections: 1, options: options) { database, scratch in
            try await scratch.run("INSERT INTO entry VALUES ('a', 0), ('b', 0)")
            let other = MySQLConnectionBox(scratch.address)
            try other.run("START TRANSACTION; UPDATE entry SET value = 1 WHERE id = 'a'")
            let error = await #expect(throws: SQLError.self) {
                try await way.run(SQLCommand("UPDATE entry SET value = 2 ORDER BY id DESC"), in: database)
            }
            guard case .contention = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            try other.run("COMMIT")
            #expect(try await scratch.run("SELECT value FROM entry ORDER BY id") == ["1", "0"])
            #expect(try await way.run(SQLCommand("UPDATE entry SET value = 2"), in: database).changes == 2)
        }
    }

    @Test
    func `a statement that was stopped is contention, and undoes all`() async throws {
        try await withDatabase(connections: 1) { database, scratch in
            let commit = Task {
                try await database.commit {
                    // MySQL lets a statement end well that was stopped in its last sleep.
                    let sleeping =
                        "INSERT INTO entry SELECT n, SLEEP(9) FROM (SELECT 'b' AS n UNION SELECT 'd') AS two"
                    return SQLBatch([.insert("a"), SQLCommand(sleeping), .insert("c")])
                }
            }
            let id = try await scratch.sleeper()
            try await scratch.run("KILL QUERY \(id)")
            let error = await #expect(throws: SQLError.self) { try await commit.value }
            guard case .contention = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let ids = try await database.ids
            #expect(ids.isEmpty)
        }
    }

    @Test
    func `a user who may connect only once is told to wait`() async throws {
        try await withDatabase { _, scratch in
            let user = try await scratch.makeUser(rights: "ALL", with: "MAX_USER_CONNECTIONS 1")
            let first = try MySQLConnection(to: user)
            defer { first.close() }
            let error = #expect(throws: SQLError.self) { try MySQLConnection(to: user) }
            guard case .contention = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test
    func `what keeps us out is told, without the password`() async throws {
        try await withDatabase { _, scratch in
            let user = try await scratch.makeUser(rights: "SELECT", with: "")
            let database = try await MySQLDatabase.open(user)
            let denied = await #expect(throws: SQLError.self) {
                try await database.commit { SQLBatch([.insert("a"), .insert("b")]) }
            }
            #expect(denied?.description.contains("INSERT command denied to user") == true)
            await database.close()

            var wrong = user
            wrong.password = "topsecret, but wrong"
            try await expectRefusal(
                of: wrong, saying: "Access denied for user '\(user.user ?? "")'@'localhost'")
            var missing = scratch.address
            missing.database = "no_such_database"
            try await expectRefusal(of: missing, saying: "has no database 'no_such_database': create it.")
            missing.database = nil
            try await expectRefusal(of: missing, saying: "names no database, as in mysql://host/database.")
        }
    }

    private func expectRefusal(
        of address: MySQLAddress, saying words: String, at location: SourceLocation = #_sourceLocation
    ) async throws {
        let error = await failure(ofOpening: address)
        guard case .refused(let reason) = error else {
            Issue.record("\(String(describing: error))", sourceLocation: location)
            return
        }
        #expect(reason.contains(words), sourceLocation: location)
        #expect(!reason.contains("topsecret"), sourceLocation: location)
    }

    @Test(arguments: [
        "mysql://ada:topsecret@/db?socket=/tmp/there-is-no-such.sock",
        "mysql://ada:topsecret@127.0.0.1:1/db",
        "mysql://ada:topsecret@no-such-host.invalid/db",
    ])
    func `a server that is not there is a lost connection`(_ url: String) async throws {
        let address = try MySQLAddress(url)
        let error = await failure(ofOpening: address)
        guard case .connectionLost(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("is not to be reached") && !reason.contains("topsecret"))
    }

    @Test
    func `a server that takes no writes, or logs them as statements, is told of`() async throws {
        let server = try await TestMySQL.start(
            options: [
                "--read-only", "--log-bin", "--binlog-format=STATEMENT", "--skip-innodb-doublewrite",
                "--innodb-flush-log-at-trx-commit=2", "--default-storage-engine=MyISAM",
            ])
        let scratch = try await server.makeDatabase()
        try await scratch.run("CREATE TABLE entry(id VARCHAR(80) PRIMARY KEY, value BIGINT) ENGINE = InnoDB")
        let user = try await scratch.makeUser(rights: "ALL", with: "")
        for way in Way.allCases {
            let asUser = try await MySQLDatabase.open(user)
            let readOnly = await #expect(throws: SQLError.self) {
                try await way.run(.insert("a"), in: asUser)
            }
            #expect(readOnly?.description.contains("may only be read, as a replica is") == true)
            await asUser.close()
            let asRoot = try await MySQLDatabase.open(scratch.address)
            let logging = await #expect(throws: SQLError.self) { try await way.run(.insert("a"), in: asRoot) }
            #expect(logging?.description.contains("set binlog_format to ROW or MIXED there.") == true)
            await asRoot.close()
        }
        let database = try await MySQLDatabase.open(user)
        let facts = try await database.describe().facts
        await database.close()
        // MySQL waits for its log unless it is told not to.
        let ofProduct: Set = TestMySQL.isMySQL ? [] : ["sync_binlog = 0"]
        #expect(
            Set(facts.filter { $0.complaint != nil }.map { "\($0.name) = \($0.value)" })
                == ofProduct.union([
                    "innodb_flush_log_at_trx_commit = 2", "innodb_doublewrite = OFF",
                    "binlog_format = STATEMENT", "read_only = ON", "default_storage_engine = MyISAM",
                ]))
    }

    @Test
    func `a server says what it is and how it is set up`() async throws {
        try await withDatabase { database, scratch in
            let description = try await database.describe()
            #expect(description.product.lowercased() == TestMySQL.product)
            #expect(try await scratch.run("SELECT VERSION()") == [description.version])
            #expect(!description.location.contains("root") && description.location.contains(scratch.name))
            let facts = Dictionary(uniqueKeysWithValues: description.facts.map { ($0.name, $0) })
            for name in ["innodb_flush_log_at_trx_commit", "max_allowed_packet", "lower_case_table_names"] {
                #expect(try await scratch.run("SELECT @@\(name)").first == facts[name]?.value)
            }
            #expect(facts["default_storage_engine"] == .init("default_storage_engine", "InnoDB"))
            #expect(facts["read_only"] == .init("read_only", "OFF"))
            #expect(facts["tls"] == .init("tls", "not on a Unix socket"))
            // Only where there is such a log, which MySQL has unless it is told not to.
            #expect((facts["sync_binlog"] != nil) == TestMySQL.isMySQL)
        }
    }
}
