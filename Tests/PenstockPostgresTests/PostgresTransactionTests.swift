import Dispatch
import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresTransactionTests {
    @Test
    func `what was written is there for others once it is committed`() async throws {
        try await Scratch().withPool { pool in
            let own = try await pool.write { connection throws(SQLError) in
                _ = try connection.run(insert("a", "1"))
                return try connection.query("SELECT value FROM row")
            }
            #expect(own == [SQLRow([.utf8([49])])])
            #expect(try await pool.keys() == ["a"])
        }
    }

    @Test
    func `a body that goes on after a failure commits nothing`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            await #expect(throws: SQLError.duplicate(key: "row_pkey")) {
                try await pool.write { connection throws(SQLError) in
                    _ = try connection.run(insert("a"))
                    do throws(SQLError) { _ = try connection.run(insert("a")) } catch {}
                    do throws(SQLError) { _ = try connection.run(insert("b")) } catch {}
                }
            }
            let keys = try await pool.keys()
            #expect(keys.isEmpty)
        }
    }

    @Test
    func `a body that asks for nothing costs the server nothing`() async throws {
        try await Scratch().withPool("&connections=1&application_name=idle_body") { pool in
            try await pool.write { _ in }
            try await pool.read { _ in }
            #expect(
                try await TestPostgres.shared.run(
                    "SELECT query FROM pg_stat_activity WHERE application_name = 'idle_body'") == [""])
        }
    }

    @Test
    func `a read sees one state of the database`() async throws {
        try await Scratch().withPool { pool in
            let url = pool
            let (first, second) = try await pool.read { connection throws(SQLError) in
                let first = try connection.query("SELECT count(*) FROM row")
                waiting { _ = try await url.commit(isDurable: true) { [insert("a")] } }
                return (first, try connection.query("SELECT count(*) FROM row"))
            }
            #expect(first == second)
            #expect(try await pool.keys() == ["a"])
        }
    }

    @Test
    func `a read may not write`() async throws {
        try await Scratch().withPool { pool in
            await #expect(throws: SQLError.self) {
                try await pool.read { connection throws(SQLError) in _ = try connection.run(insert("a")) }
            }
            let keys = try await pool.keys()
            #expect(keys.isEmpty)
        }
    }

    @Test
    func `reads follow each other on one connection`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            for number in 0..<200 {
                _ = try await pool.commit(isDurable: false) { [insert(String(1_000 + number))] }
                #expect(try await pool.keys().count == number + 1)
            }
        }
    }

    @Test
    func `a script runs whole, in its transaction`() async throws {
        try await Scratch().withPool { pool in
            try await pool.write { connection throws(SQLError) in
                _ = try connection.run(insert("a"))
                try connection.script(
                    """
                    CREATE TABLE other (number integer); -- a comment; with a semicolon
                    INSERT INTO other VALUES (1), (2);
                    INSERT INTO row VALUES ('b', 'x;y')
                    """)
                _ = try connection.run(SQLCommand("INSERT INTO other VALUES ($1)", [3]))
            }
            let sum = try await pool.read { connection throws(SQLError) in
                try connection.query("SELECT sum(number) FROM other")[0].integer(at: 0)
            }
            #expect(sum == 6)
            #expect(try await pool.keys() == ["a", "b"])
        }
    }

    @Test
    func `a script that fails undoes all of its transaction`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            await #expect(throws: SQLError.duplicate(key: "row_pkey")) {
                try await pool.write { connection throws(SQLError) in
                    _ = try connection.run(insert("a"))
                    try connection.script(
                        "CREATE TABLE other (a text); INSERT INTO row VALUES ('a'); SELECT 1")
                }
            }
            let tables = try await pool.read { connection throws(SQLError) in
                try connection.query("SELECT to_regclass('other') IS NULL, (SELECT count(*) FROM row)")
            }
            #expect(tables == [SQLRow([1, 0])])
        }
    }

    @Test(arguments: ["COPY row FROM STDIN", "COPY row TO STDOUT"])
    func `COPY is refused, and leaves the pool of use`(_ copy: String) async throws {
        try await Scratch().withPool("&connections=1") { pool in
            await #expect(throws: SQLError.bug(reason: "COPY was asked for, which is not served here.")) {
                try await pool.write { connection throws(SQLError) in try connection.script(copy) }
            }
            let keys = try await pool.keys()
            #expect(keys.isEmpty)
        }
    }

    @Test
    func `a thousand different statements are not all kept`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            for number in 0..<1_000 {
                let sum = try await pool.read { connection throws(SQLError) in
                    try connection.query("SELECT \(number) + $1::integer", [1])[0].integer(at: 0)
                }
                #expect(sum == Int64(number) + 1)
            }
            let kept = try await pool.read { connection throws(SQLError) in
                try connection.query("SELECT count(*) FROM pg_prepared_statements")[0].integer(at: 0)
            }
            #expect((64...96).contains(kept))
        }
    }
}

/// Blocks until a task has done something, from within the body of a transaction.
func waiting(for work: @escaping @Sendable () async throws -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
        do { try await work() } catch { Issue.record(error) }
        done.signal()
    }
    done.wait()
}
