import Glibc
import PenstockExecutors
import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Synchronization
import Testing

/// Commits that are asked for by a task on the loop that waits for them.
@Suite(.timeLimit(.minutes(1)))
final class PostgresLoopTests: Sendable {
    private let loop = SocketLoop()
    private let hasBegun = Atomic(false)
    private let isAnswered = Atomic(false)

    @Test(arguments: [1, 2, 64])
    func `commands are answered one by one, in order, on the loop`(_ count: Int) async throws {
        try await withPool { pool in
            for round in 0..<3 {
                let (answers, isOnLoop) = try await commit(on: pool) {
                    (0..<count).map { number in
                        SQLCommand(
                            "INSERT INTO row SELECT $1 || g::text, NULL FROM generate_series(1, $2) g RETURNING key",
                            [.text("\(round)-\(number)-"), .integer(Int64(number % 4))])
                    }
                }
                #expect(answers.map(\.changes) == (0..<count).map { $0 % 4 })
                // The first is made by the thread that connects.
                #expect(isOnLoop || round == 0)
            }
        }
    }

    @Test func `many side by side are each answered their own`() async throws {
        try await withPool("&connections=3") { pool in
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        let (answers, _) = try await self.commit(on: pool) {
                            [SQLCommand("SELECT $1::text", [.text("\(number)")])]
                        }
                        #expect(try answers[0].rows[0].text(at: 0) == "\(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// More than the sockets hold, each way.
    @Test func `what is large comes and goes whole`() async throws {
        let large = String(repeating: "x", count: 4_000_000)
        try await withPool { pool in
            for _ in 0..<2 {
                let (answers, _) = try await commit(on: pool) {
                    (0..<4).map { _ in SQLCommand("SELECT $1::text || 'y'", [.text(large)]) }
                }
                #expect(try answers.allSatisfy { try $0.rows[0].text(at: 0).utf8.count == 4_000_001 })
            }
        }
    }

    @Test(arguments: [true, false])
    func `a fault undoes all, and the connection goes on`(_ isConnected: Bool) async throws {
        try await withPool("&connections=1") { pool in
            let before = isConnected ? try await backend(of: pool) : nil
            let failure = await failure { () throws(SQLError) in
                try await commit(on: pool) { [insert("a"), SQLCommand("SELECT 1 / 0"), insert("b")] }
            }
            #expect(failure != nil)
            #expect(try await pool.keys().isEmpty)
            _ = try await commit(on: pool) { [insert("c"), insert("d")] }
            #expect(try await pool.keys() == ["c", "d"])
            if let before { #expect(try await backend(of: pool) == before) }
        }
    }

    @Test func `an answer that takes too long is given up, and nobody else on the loop waits for it`()
        async throws
    {
        try await withPool("&connections=2", options: PostgresOptions(answerLimit: .seconds(1))) { pool in
            // One connection for each.
            async let first = backend(of: pool)
            async let second = backend(of: pool)
            _ = try await (first, second)
            async let slow = failure { () throws(SQLError) in
                try await commit(on: pool) { [insert("a"), SQLCommand("SELECT pg_sleep(3)")] }
            }
            for number in 0..<100 {
                _ = try await commit(on: pool) { [insert("quick \(number)")] }
            }
            let failure = await slow
            #expect(isLost(failure))
            #expect(failure?.description.contains("gave no answer within 1.0 seconds") == true)
            #expect(try await pool.keys().count >= 100)
        }
    }

    @Test func `a connection that is ended meanwhile is told as lost, and made anew`() async throws {
        try await withPool("&connections=1") { pool in
            _ = try await commit(on: pool) { [insert("a"), insert("b")] }
            let failure = await failure { () throws(SQLError) in
                try await commit(on: pool) {
                    [insert("c"), SQLCommand("SELECT pg_terminate_backend(pg_backend_pid())")]
                }
            }
            #expect(isLost(failure))
            _ = try await commit(on: pool) { [insert("d"), insert("e")] }
            #expect(try await pool.keys() == ["a", "b", "d", "e"])
        }
    }

    @Test func `a server that is gone before all was sent is known to be`() async throws {
        try await withPool("&connections=1&application_name=flooded") { pool in
            _ = try await backend(of: pool)
            let large = SQLValue.text(String(repeating: "x", count: 1_000_000))
            async let failure = failure { () throws(SQLError) in
                try await commit(on: pool) {
                    [SQLCommand("SELECT pg_sleep(60)")]
                        + (0..<20).map { _ in SQLCommand("SELECT $1::text", [large]) }
                }
            }
            let end = """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'flooded' AND query LIKE '%pg_sleep%' AND wait_event = 'PgSleep'
                """
            while try await TestPostgres.shared.run(end) != ["t"] { try Task.checkCancellation() }
            let told = await failure
            #expect(isLost(told))
            #expect(told?.description.contains("gave no answer") == false)
        }
    }

    @Test func `a pool that is closed waits for what was lent`() async throws {
        let pool = try await Scratch().open(on: loop)
        async let committed = commit(on: pool) { [insert("a"), SQLCommand("SELECT pg_sleep(0.2)")] }
        // Behind the other, since it asks for a connection later.
        while !hasBegun.load(ordering: .sequentiallyConsistent) {
            try Task.checkCancellation()
            await Task.yield()
        }
        await pool.close()
        let wasAnswered = isAnswered.load(ordering: .sequentiallyConsistent)
        #expect(wasAnswered)
        #expect(try await committed.0.count == 2)
        let refusal = await failure { () throws(SQLError) in try await commit(on: pool) { [insert("b")] } }
        #expect(refusal == .refused(reason: "The store was closed."))
    }

    // MARK: -

    private func withPool(
        _ more: String = "", options: PostgresOptions = .calm,
        _ body: (SQLPool<PostgresConnection>) async throws -> Void
    ) async throws {
        let pool = try await Scratch().open(more, options: options, on: loop)
        do { try await body(pool) } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    @discardableResult
    private func commit(
        on pool: SQLPool<PostgresConnection>, _ commands: @escaping @Sendable () -> [SQLCommand]
    ) async throws(SQLError) -> (answers: [SQLAnswer], isOnLoop: Bool) {
        try await pool.commit(
            on: loop, begun: { self.hasBegun.store(true, ordering: .sequentiallyConsistent) },
            ended: { self.isAnswered.store(true, ordering: .sequentiallyConsistent) }
        ) {
            SQLBatch(commands())
        }
    }

    private func backend(of pool: SQLPool<PostgresConnection>) async throws(SQLError) -> Int64 {
        try await commit(on: pool) { [SQLCommand("SELECT pg_backend_pid()::bigint")] }.0[0].rows[0].integer(
            at: 0)
    }
}
