import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresCommitTests {
    @Test(arguments: [true, false], [1, 2, 64])
    func `commands are answered one by one, in order`(_ isDurable: Bool, _ count: Int) async throws {
        try await Scratch().withPool { pool in
            let answers = try await pool.commit(isDurable: isDurable) {
                (0..<count).map { number in
                    SQLCommand(
                        "INSERT INTO row SELECT $1 || g::text, NULL FROM generate_series(1, $2) g RETURNING key",
                        [.text("\(number)-"), .integer(Int64(number % 4))])
                }
            }
            #expect(answers.map(\.changes) == (0..<count).map { $0 % 4 })
            for (number, answer) in answers.enumerated() {
                #expect(
                    try answer.rows.map { try $0.text(at: 0) }
                        == (0..<(number % 4)).map { "\(number)-\($0 + 1)" })
            }
        }
    }

    /// A group of few rows would else be planned again and again: PostgreSQL takes it for cheaper than one of any number.
    @Test func `what is committed is planned once, what a body runs for its values`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            for round in 0..<8 {
                _ = try await pool.commit(isDurable: true) {
                    [SQLCommand(Self.insertRows, rows: [.text("a\(round)"), .text("b\(round)")], width: 1)]
                }
                _ = try await pool.write { connection throws(SQLError) in
                    try connection.query("SELECT key FROM row ORDER BY key LIMIT $1", [.integer(1)])
                }
            }
            let plans = try await pool.read { connection throws(SQLError) in
                try connection.query(
                    "SELECT statement, custom_plans FROM pg_prepared_statements ORDER BY statement")
            }
            let ofValues = { (text: String) in
                try plans.filter { try $0.text(at: 0) == text }.map { try $0.integer(at: 1) }
            }
            #expect(try ofValues(Self.insertRows) == [0])
            #expect(try ofValues("SELECT key FROM row ORDER BY key LIMIT $1").allSatisfy { $0 >= 5 })
        }
    }

    private static let insertRows = "INSERT INTO row SELECT key, NULL FROM unnest($1::text[]) AS given(key)"

    static let faults: [(SQLCommand, SQLError)] = [
        (insert("there"), .duplicate(key: "row_pkey")),
        (
            SQLCommand("INSERT INTO nowhere VALUES ($1)", ["x"]),
            .bug(reason: #"PostgreSQL cannot do this: relation "nowhere" does not exist (42P01)."#)
        ),
        (
            SQLCommand(" ; "), .bug(reason: "A statement was expected and an empty text given.")
        ),
        (
            SQLCommand("SELECT 1; SELECT 2"),
            .bug(
                reason:
                    "PostgreSQL cannot do this: cannot insert multiple commands into a prepared statement (42601)."
            )
        ),
    ]

    @Test(arguments: [0, 1, 2, 5], [0, 1, 2, 3])
    func `a fault at any place undoes all, and the connection goes on`(_ place: Int, _ fault: Int)
        async throws
    {
        let (wrong, _) = Self.faults[fault]
        try await Scratch().withPool("&connections=1") { pool in
            _ = try await pool.commit(isDurable: true) { [insert("there")] }
            for isDurable in [true, false] {
                await #expect(throws: SQLError.self) {
                    try await pool.commit(isDurable: isDurable) {
                        var commands = (0..<5).map { insert("new \($0)") }
                        commands.insert(wrong, at: place)
                        return commands
                    }
                }
                #expect(try await pool.keys() == ["there"])
            }
            _ = try await pool.commit(isDurable: true) { [insert("a"), insert("b")] }
            #expect(try await pool.keys() == ["a", "b", "there"])
        }
    }

    @Test(arguments: faults)
    func `a fault of one command alone is told`(_ wrong: SQLCommand, _ error: SQLError) async throws {
        try await Scratch().withPool("&connections=1") { pool in
            _ = try await pool.commit(isDurable: true) { [insert("there")] }
            await #expect(throws: error) { try await pool.commit(isDurable: true) { [wrong] } }
            #expect(try await pool.keys() == ["there"])
        }
    }

    @Test
    func `a wrong number of values is a bug, and the connection goes on`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            for values: [SQLValue] in [[], ["a"], ["a", "b", "c"]] {
                let failure = await failure { () throws(SQLError) in
                    try await pool.commit(isDurable: true) {
                        [insert("x"), SQLCommand("INSERT INTO row VALUES ($1, $2)", values)]
                    }
                }
                guard case .bug(let reason) = failure else {
                    Issue.record("\(String(describing: failure))")
                    continue
                }
                #expect(reason.contains("supplies \(values.count) parameters"))
            }
            let keys = try await pool.keys()
            #expect(keys.isEmpty)
        }
    }

    @Test(arguments: [1, 3])
    func `what only the commit itself finds out undoes all`(_ count: Int) async throws {
        let table = "CREATE TABLE row (key text PRIMARY KEY, value text UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        try await Scratch(table: table).withPool("&connections=1") { pool in
            _ = try await pool.commit(isDurable: true) { [insert("there", "same")] }
            await #expect(throws: SQLError.duplicate(key: "row_value_key")) {
                try await pool.commit(isDurable: true) {
                    (1..<count).map { insert("other \($0)") } + [insert("a", "same")]
                }
            }
            await #expect(throws: SQLError.duplicate(key: "row_value_key")) {
                try await pool.write { connection throws(SQLError) in
                    _ = try connection.run(insert("b", "same"))
                }
            }
            #expect(try await pool.keys() == ["there"])
            _ = try await pool.commit(isDurable: true) { [insert("c", "other")] }
            #expect(try await pool.keys() == ["c", "there"])
        }
    }

    @Test
    func `a thousand commands of ten kilobytes are one commit`() async throws {
        let text = SQLValue.utf8(Array(repeating: UInt8(ascii: "x"), count: 10_000))
        try await Scratch().withPool { pool in
            let answers = try await pool.commit(isDurable: true) {
                (0..<1_000).map {
                    SQLCommand(
                        "INSERT INTO row VALUES ($1, $2) RETURNING value, value", [.text("\($0)"), text])
                }
            }
            #expect(answers.count == 1_000)
            #expect(answers.allSatisfy { $0.rows == [SQLRow([text, text])] })
        }
    }

    @Test(arguments: ["BEGIN", "COMMIT", "ROLLBACK"])
    func `commands that begin or end transactions do not confuse the next one`(_ word: String) async throws {
        try await Scratch().withPool("&connections=1") { pool in
            do { _ = try await pool.commit(isDurable: true) { [SQLCommand(word)] } } catch {}
            do { _ = try await pool.commit(isDurable: true) { [insert("x"), SQLCommand(word)] } } catch {}
            _ = try await pool.commit(isDurable: true) { [insert("a"), insert("b")] }
            #expect(try await pool.keys().suffix(3).starts(with: ["a", "b"]))
        }
    }

    @Test
    func `only what need not be durable does not wait for the disk`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            for (isDurable, setting) in [(false, "off"), (true, "on"), (false, "off")] {
                let answers = try await pool.commit(isDurable: isDurable) {
                    [SQLCommand("SELECT current_setting('synchronous_commit')"), SQLCommand("SELECT 1")]
                }
                #expect(try answers[0].rows[0].text(at: 0) == setting)
            }
        }
    }
}
