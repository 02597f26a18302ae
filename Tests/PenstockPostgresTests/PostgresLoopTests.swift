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

    /// The thread that connects makes it.
    @Test func `a fault of the first commit undoes all of it`() async throws {
        try await withPool("&connections=1") { pool in
            await #expect(throws: SQLError.self) {
                try await commit(on: pool) { [insert("a"), SQLCommand("SELECT 1 / 0"), insert("b")] }
            }
            #expect(try await pool.keys().isEmpty)
            try await commit(on: pool) { [insert("c"), insert("d")] }
            #expect(try await pool.keys() == ["c", "d"])
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
