import Foundation
import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Testing

/// What becomes of connections when servers and sessions end, fall silent, or never let us in.
@Suite(.timeLimit(.minutes(2)))
struct PostgresServerTests {
    /// Asks until the answer is what is waited for.
    private func wait(for expected: [String], _ sql: String, on server: TestPostgres) async throws {
        while try await server.run(sql) != expected { await Task.yield() }
    }

    /// A commit by a pool of its own, with a limit of a second.
    private func impatientCommit(
        on scratch: Scratch, _ commands: @escaping @Sendable () -> [SQLCommand]
    ) async throws(SQLError) -> [SQLAnswer] {
        let pool = SQLPool(name: "impatient", size: 1, writers: 1) { () throws(SQLError) in
            try PostgresConnection(to: scratch.address, options: PostgresOptions(answerLimit: .seconds(1)))
        }
        do throws(SQLError) {
            let answers = try await pool.commit(isDurable: true, commands)
            await pool.close()
            return answers
        } catch {
            await pool.close()
            throw error
        }
    }

    // MARK: Sessions that end

    @Test
    func `a session that is ended within a transaction takes it along, and the next one works`() async throws
    {
        let scratch = try await Scratch()
        try await scratch.withPool("&connections=1") { pool in
            let failure = await failure { () throws(SQLError) in
                try await pool.write { connection throws(SQLError) in
                    _ = try connection.run(insert("a"))
                    let session = try connection.query("SELECT pg_backend_pid()")[0].integer(at: 0)
                    waiting { try await scratch.server.run("SELECT pg_terminate_backend(\(session), 5000)") }
                    _ = try connection.run(insert("b"))
                }
            }
            #expect(isLost(failure))
            #expect(failure?.description.contains("57P01") == true)
            _ = try await pool.commit(isDurable: true) { [insert("c")] }
            #expect(try await pool.keys() == ["c"])
        }
    }

    @Test(arguments: [0, 1, 5, 9])
    func `a session that is ended in the middle of a commit takes all of it along`(_ place: Int) async throws
    {
        try await Scratch().withPool("&connections=1") { pool in
            let failure = await failure { () throws(SQLError) in
                try await pool.commit(isDurable: true) {
                    var commands = (0..<10).map { insert("new \($0)") }
                    commands.insert(SQLCommand("SELECT pg_terminate_backend(pg_backend_pid())"), at: place)
                    return commands
                }
            }
            #expect(isLost(failure))
            _ = try await pool.commit(isDurable: true) { [insert("c")] }
            #expect(try await pool.keys() == ["c"])
        }
    }

    @Test
    func `a session that was ended while it stood idle is not noticed by anybody`() async throws {
        let scratch = try await Scratch()
        try await scratch.withPool("&connections=1&application_name=idler") { pool in
            let end =
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'idler'"
            for number in 0..<3 {
                _ = try await pool.commit(isDurable: true) { [insert("\(number)")] }
                #expect(try await scratch.server.run(end) == ["t"])
                _ = try await pool.keys()
                #expect(try await scratch.server.run(end) == ["t"])
                try await pool.write { connection throws(SQLError) in
                    _ = try connection.run(insert("\(number)b"))
                }
                #expect(try await scratch.server.run(end) == ["t"])
            }
            #expect(try await pool.keys() == ["0", "0b", "1", "1b", "2", "2b"])
        }
    }

    @Test
    func `a transaction that falls silent is ended by the server`() async throws {
        let scratch = try await Scratch()
        try await scratch.withPool("&connections=1&application_name=sleeper", options: PostgresOptions()) {
            pool in
            let failure = await failure { () throws(SQLError) in
                try await pool.write { connection throws(SQLError) in
                    _ = try connection.run(insert("a"))
                    waiting {
                        try await wait(
                            for: ["0"],
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sleeper'",
                            on: scratch.server)
                    }
                    _ = try connection.run(insert("b"))
                }
            }
            #expect(isLost(failure))
            #expect(failure?.description.contains("25P03") == true)
            let keys = try await pool.keys()
            #expect(keys.isEmpty)
        }
    }

    // MARK: Limits

    @Test
    func `an answer that takes too long is given up, and the statement stopped`() async throws {
        let scratch = try await Scratch()
        let options = PostgresOptions(answerLimit: .seconds(1))
        try await scratch.withPool("&application_name=dawdler", options: options) { pool in
            let failure = await failure { () throws(SQLError) in
                try await pool.read { connection throws(SQLError) in
                    try connection.query("SELECT pg_sleep(60)")
                }
            }
            #expect(isLost(failure))
            #expect(failure?.description.contains("gave no answer within 1.0 seconds") == true)
            try await wait(
                for: ["0"],
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dawdler' AND state = 'active'",
                on: scratch.server)
        }
    }

    @Test
    func `a commit that takes too long is given up, and left to its end`() async throws {
        let scratch = try await Scratch()
        try await scratch.withPool { pool in
            let failure = await failure { () throws(SQLError) in
                try await impatientCommit(on: scratch) { [insert("a"), SQLCommand("SELECT pg_sleep(2)")] }
            }
            #expect(isLost(failure))
            while try await pool.keys() != ["a"] { await Task.yield() }
        }
    }

    @Test
    func `a script may take longer than an answer`() async throws {
        try await Scratch().withPool(options: PostgresOptions(answerLimit: .seconds(1))) { pool in
            try await pool.write { connection throws(SQLError) in
                try connection.script("SELECT pg_sleep(1.2); INSERT INTO row VALUES ('a')")
            }
            #expect(try await pool.keys() == ["a"])
        }
    }

    // MARK: Servers that end

    @Test
    func
        `a server that crashed and came back has what it acknowledged, and nobody notices more than they must`()
        async throws
    {
        let server = try await TestPostgres.start()
        let scratch = try await Scratch(on: server)
        try await scratch.withPool("&connections=2") { pool in
            _ = try await pool.commit(isDurable: true) { [insert("a"), insert("b")] }
            server.kill()
            for _ in 0..<2 {
                let failure = await failure { () throws(SQLError) in
                    try await pool.commit(isDurable: true) { [insert("lost")] }
                }
                #expect(isLost(failure))
                #expect(failure?.description.contains("was not reached") == true)
            }
            try await server.restart()
            _ = try await pool.commit(isDurable: true) { [insert("c")] }
            server.stop()
            try await server.restart()
            #expect(try await pool.keys() == ["a", "b", "c"])
            _ = try await pool.commit(isDurable: true) { [insert("d")] }
            #expect(try await pool.keys() == ["a", "b", "c", "d"])
        }
    }

    @Test
    func `a server that crashes under a commit leaves it unknown, and whole`() async throws {
        let server = try await TestPostgres.start()
        let scratch = try await Scratch(on: server)
        try await scratch.withPool("&connections=1") { pool in
            async let failure = failure { () throws(SQLError) in
                try await pool.commit(isDurable: true) {
                    [insert("a"), SQLCommand("SELECT pg_sleep(60)"), insert("b")]
                }
            }
            try await wait(
                for: ["1"], "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'", on: server)
            server.kill()
            #expect(isLost(await failure))
            try await server.restart()
            let keys = try await pool.keys()
            #expect(keys.isEmpty)
        }
    }

    @Test
    func `a commit that no standby confirms is not told as done`() async throws {
        let server = try await TestPostgres.start()
        let scratch = try await Scratch(on: server)
        try await server.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await server.run("SELECT pg_reload_conf()")
        try await wait(for: ["nobody"], "SHOW synchronous_standby_names", on: server)
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        for count in 1...2 {
            try await scratch.withPool { pool in
                async let failure = failure { () throws(SQLError) in
                    try await pool.commit(isDurable: true) { (0..<count).map { insert("\(count) \($0)") } }
                }
                try await wait(for: ["1"], waits, on: server)
                try await server.run(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                #expect(isLost(await failure))
                #expect(await failure?.description.contains("standby") == true)
            }
        }
        try await scratch.withPool { pool in
            let before = try await pool.keys()
            let failure = await failure { () throws(SQLError) in
                try await impatientCommit(on: scratch) { [insert("c"), insert("d")] }
            }
            #expect(isLost(failure))
            #expect(try await server.run(waits) == ["1"])
            #expect(try await pool.keys() == before)
        }
    }
}
