import Dispatch
import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresErrorTests {
    enum Meaning: Sendable {
        case lost, contention, anew, duplicate, refused, unfit, unreadable, bug

        init(_ error: SQLError) {
            self =
                switch error {
                case .connectionLost: .lost
                case .contention: .contention
                case .startAnew: .anew
                case .duplicate: .duplicate
                case .unmet: .bug
                case .refused: .refused
                case .unfit: .unfit
                case .unreadable: .unreadable
                case .bug: .bug
                }
        }
    }

    /// A transaction whose body raises `code` as the server itself would.
    private func raising(_ code: String, in pool: SQLPool<PostgresConnection>) async -> SQLError? {
        await failure { () throws(SQLError) in
            try await pool.write { connection throws(SQLError) in
                try connection.script(
                    "DO $$ BEGIN RAISE EXCEPTION 'topsecret' USING ERRCODE = '\(code)'; END $$")
            }
        }
    }

    static let codes: [(String, Meaning)] = [
        ("08000", .lost), ("08006", .lost), ("08P01", .bug), ("0A000", .bug), ("21000", .bug),
        ("22001", .bug),
        ("22003", .bug), ("22012", .bug), ("22021", .unfit), ("22P02", .bug), ("22P05", .unfit),
        ("23502", .bug),
        ("23503", .bug), ("23505", .duplicate), ("23514", .bug), ("25006", .refused), ("25P02", .bug),
        ("25P03", .lost),
        ("26000", .anew), ("28000", .refused), ("28P01", .refused), ("3D000", .refused), ("3F000", .refused),
        ("40001", .anew), ("40003", .lost), ("40P01", .anew), ("42501", .refused), ("42601", .bug),
        ("42P01", .bug),
        ("42P07", .bug), ("53100", .refused), ("53200", .refused), ("53300", .contention),
        ("54000", .unfit),
        ("55000", .refused), ("55006", .contention), ("55P03", .contention), ("57014", .contention),
        ("57P01", .lost),
        ("57P02", .lost), ("57P03", .lost), ("58030", .lost), ("72000", .anew), ("P0001", .unfit),
        ("XX000", .bug),
        ("XX001", .refused),
    ]

    @Test(arguments: codes)
    func `each code has its meaning`(_ code: String, _ meaning: Meaning) async throws {
        try await Scratch().withPool("&connections=1") { pool in
            let error = await raising(code, in: pool)
            #expect(error.map(Meaning.init) == meaning)
            if meaning != .duplicate { #expect(error?.description.contains(code) == true) }
            _ = try await pool.commit(isDurable: true) { [insert("a")] }
        }
    }

    static let leaks = [
        SQLCommand("INSERT INTO kept (number) VALUES ($1)", ["topsecret"]),
        SQLCommand("INSERT INTO kept (short) VALUES ($1)", ["topsecret"]),
        SQLCommand("INSERT INTO kept (day) VALUES ($1)", ["topsecret"]),
        SQLCommand("INSERT INTO kept (object) VALUES ($1)", ["topsecret"]),
        SQLCommand("INSERT INTO kept (id) VALUES ($1)", ["topsecret"]),
        SQLCommand("INSERT INTO kept (text) VALUES ($1), ($1)", ["topsecret"]),
        SQLCommand("INSERT INTO kept (text, checked) VALUES ($1, 1)", ["topsecret"]),
        SQLCommand("INSERT INTO kept (text, needed) VALUES ($1, NULL)", ["topsecret"]),
        SQLCommand("INSERT INTO kept (parent) VALUES ($1)", ["topsecret"]),
        SQLCommand("SELECT $1::text::integer", ["topsecret"]),
        SQLCommand("SELECT to_date($1, 'YYYY')", ["topsecret"]),
        SQLCommand("SELECT 'a' ~ $1", ["topsecret("]),
        SQLCommand("SELECT shout($1)", ["topsecret"]),
        SQLCommand("SELECT set_config($1, $1, true)", ["topsecret"]),
        SQLCommand("SELECT currval($1)", ["topsecret"]),
        SQLCommand("SELECT currval($1)", [.utf8(Array("topsecret".utf8))]),
    ]

    @Test(arguments: leaks.indices)
    func `no error tells a value`(_ index: Int) async throws {
        let table = """
            CREATE TABLE kept (
                number integer, short varchar(3), day date, object jsonb, id uuid, text text UNIQUE,
                checked integer CHECK (checked <> 1), needed integer NOT NULL DEFAULT 0, parent text REFERENCES kept (text));
            CREATE FUNCTION shout(what text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''%'', what; END'
            """
        try await Scratch(table: table).withPool("&connections=1") { pool in
            for isBatch in [true, false] {
                let failure = await failure { () throws(SQLError) in
                    isBatch
                        ? try await pool.commit(isDurable: true) { [Self.leaks[index]] }
                        : try await pool.write { connection throws(SQLError) in
                            [try connection.run(Self.leaks[index])]
                        }
                }
                let error = try #require(failure)
                #expect(!"\(error)".contains("topsecret"))
                #expect(!String(reflecting: error).contains("topsecret"))
            }
        }
    }

    @Test
    func `of two transactions that wait for each other one is to start anew`() async throws {
        try await Scratch().withPool { pool in
            _ = try await pool.commit(isDurable: true) { [insert("a"), insert("b")] }
            let (one, two) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let take = {
                @Sendable (keys: [String], mine: DispatchSemaphore, other: DispatchSemaphore) async
                    -> SQLError? in
                do throws(SQLError) {
                    try await pool.write { connection throws(SQLError) in
                        try connection.execute("UPDATE row SET value = 'x' WHERE key = $1", [.text(keys[0])])
                        mine.signal()
                        other.wait()
                        try connection.execute("UPDATE row SET value = 'x' WHERE key = $1", [.text(keys[1])])
                    }
                    return nil
                } catch {
                    return error
                }
            }
            async let left = take(["a", "b"], one, two)
            async let right = take(["b", "a"], two, one)
            let meanings = await [left, right].compactMap { $0.map(Meaning.init) }
            #expect(meanings == [.anew])
        }
    }

    @Test
    func `a row that another holds for too long is contention`() async throws {
        let scratch = try await Scratch()
        try await scratch.withPool { pool in
            _ = try await pool.commit(isDurable: true) { [insert("a", "1")] }
            let impatient = try await scratch.open(options: PostgresOptions(answerLimit: .seconds(2)))
            try await pool.write { connection throws(SQLError) in
                try connection.execute("UPDATE row SET value = '2'")
                waiting {
                    for count in [1, 2] {
                        let failure = await failure { () throws(SQLError) in
                            try await impatient.commit(isDurable: true) {
                                Array(repeating: SQLCommand("UPDATE row SET value = '3'"), count: count)
                            }
                        }
                        #expect(failure.map(Meaning.init) == .contention)
                    }
                }
            }
            _ = try await impatient.commit(isDurable: true) {
                [SQLCommand("UPDATE row SET value = value || '!'")]
            }
            await impatient.close()
            let value = try await pool.read { connection throws(SQLError) in
                try connection.query("SELECT value FROM row")[0].text(at: 0)
            }
            #expect(value == "2!")
        }
    }

    @Test
    func `a transaction that others overtook is to start anew`() async throws {
        try await Scratch().withPool { pool in
            _ = try await pool.commit(isDurable: true) { [insert("a", "1")] }
            let failure = await failure { () throws(SQLError) in
                try await pool.write { connection throws(SQLError) in
                    try connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    _ = try connection.query("SELECT * FROM row")
                    waiting {
                        _ = try await pool.commit(isDurable: true) {
                            [SQLCommand("UPDATE row SET value = '2'")]
                        }
                    }
                    try connection.execute("UPDATE row SET value = '3'")
                }
            }
            #expect(failure.map(Meaning.init) == .anew)
        }
    }

    @Test
    func `a statement whose answer has got another shape is to start anew, and then runs`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            let read = { @Sendable () async throws(SQLError) -> [SQLRow] in
                try await pool.read { connection throws(SQLError) in try connection.query("SELECT * FROM row")
                }
            }
            _ = try await pool.commit(isDurable: true) { [insert("a")] }
            _ = try await read()
            _ = try await pool.commit(isDurable: true) {
                [SQLCommand("ALTER TABLE row ADD COLUMN more integer DEFAULT 7")]
            }
            #expect(await failure(of: read).map(Meaning.init) == .anew)
            #expect(try await read() == [SQLRow([.utf8([97]), .null, .integer(7)])])
        }
    }

    @Test
    func `statements that the server has lost are to start anew, and then run`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            _ = try await pool.commit(isDurable: true) { [insert("a"), insert("b")] }
            _ = try await pool.commit(isDurable: true) { [SQLCommand("DEALLOCATE ALL")] }
            let failure = await failure { () throws(SQLError) in
                try await pool.commit(isDurable: true) { [insert("c"), insert("d")] }
            }
            #expect(failure.map(Meaning.init) == .anew)
            _ = try await pool.commit(isDurable: true) { [insert("e"), insert("f")] }
            #expect(try await pool.keys() == ["a", "b", "e", "f"])
        }
    }
}
