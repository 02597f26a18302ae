import Foundation
import PenstockPostgres
import PenstockSQL
import PenstockTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresPoolTests {
    /// Tasks of this actor run until they first wait, in the order in which they were made.
    private actor Crowd {
        func enter<Value: Sendable>(
            _ work: @escaping @Sendable () async throws(SQLError) -> Value
        ) -> Task<Value, any Error> {
            Task {
                assertIsolated()
                return try await work()
            }
        }
    }

    private final class Door: Sendable {
        private let entered = DispatchSemaphore(value: 0)
        private let opened = DispatchSemaphore(value: 0)

        /// To be called in the body of a transaction.
        func stand() {
            entered.signal()
            opened.wait()
        }

        func waitForOne() async {
            let entered = entered
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    entered.wait()
                    continuation.resume()
                }
            }
        }

        func open() { opened.signal() }
    }

    @Test
    func `no more connections are made than the address allows, and all of them are`() async throws {
        let scratch = try await Scratch()
        try await scratch.withPool("&connections=3&application_name=bounded") { pool in
            let door = Door()
            let tasks = (0..<12).map { number in
                Task {
                    try await pool.write { connection throws(SQLError) in
                        _ = try connection.run(insert("\(number)"))
                        door.stand()
                    }
                }
            }
            for _ in 0..<3 { await door.waitForOne() }
            let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bounded'"
            #expect(try await scratch.server.run(count) == ["3"])
            for _ in tasks { door.open() }
            for task in tasks { try await task.value }
            #expect(try await scratch.server.run(count) == ["3"])
            #expect(try await pool.keys().count == 12)
        }
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 1), (4, 2), (9, 2)])
    func `connections are left to looks and to those who read`(_ connections: Int, _ writers: Int)
        async throws
    {
        try await Scratch().withPool("&connections=\(connections)") { pool in
            #expect(pool.writers == writers)
        }
    }

    @Test
    func `a pool that is used by one at a time needs one connection`() async throws {
        let scratch = try await Scratch()
        try await scratch.withPool("&connections=3&application_name=alone") { pool in
            for number in 0..<5 {
                _ = try await pool.commit(isDurable: true) { [insert("\(number)")] }
                _ = try await pool.keys()
            }
            #expect(
                try await scratch.server.run(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'alone'") == ["1"])
        }
    }

    @Test
    func `who comes first is served first`() async throws {
        try await Scratch(table: "CREATE TABLE entry (place serial, who integer)")
            .withPool("&connections=1") { pool in
                let door = Door()
                let holder = Task { try await pool.write { _ in door.stand() } }
                await door.waitForOne()
                let crowd = Crowd()
                var tasks: [Task<[SQLAnswer], any Error>] = []
                for number in 0..<20 {
                    tasks.append(
                        await crowd.enter { () throws(SQLError) in
                            try await pool.commit(isDurable: true) {
                                [SQLCommand("INSERT INTO entry (who) VALUES ($1)", [.integer(Int64(number))])]
                            }
                        })
                }
                door.open()
                try await holder.value
                for task in tasks { _ = try await task.value }
                let order = try await pool.read { connection throws(SQLError) in
                    var order: [Int64] = []
                    for row in try connection.query("SELECT who FROM entry ORDER BY place") {
                        order.append(try row.integer(at: 0))
                    }
                    return order
                }
                #expect(order == Array(0..<20))
            }
    }

    /// A read whose session is ended in the middle, in its first `times` runs; gives how often it was run.
    private func read(in pool: SQLPool<PostgresConnection>, endingIts times: Int) async -> (
        runs: Int, error: SQLError?
    ) {
        let runs = Mutex(0)
        do throws(SQLError) {
            try await pool.read { connection throws(SQLError) in
                let run = runs.withLock { runs in
                    runs += 1
                    return runs
                }
                _ = try connection.query("SELECT 1")
                if run <= times { _ = try connection.query("SELECT pg_terminate_backend(pg_backend_pid())") }
            }
            return (runs.withLock { $0 }, nil)
        } catch {
            return (runs.withLock { $0 }, error)
        }
    }

    @Test
    func `a read is repeated once when its idle connection turns out to be gone`() async throws {
        try await Scratch().withPool("&connections=1") { pool in
            var (runs, error) = await read(in: pool, endingIts: 1)
            #expect(runs == 2 && error == nil)
            (runs, error) = await read(in: pool, endingIts: 2)
            #expect(runs == 2)
            if case .connectionLost = error {} else { Issue.record("\(String(describing: error))") }
            // There is no connection now; one that is new is not given a second chance.
            (runs, error) = await read(in: pool, endingIts: 1)
            #expect(runs == 1 && error != nil)
            let keys = try await pool.keys()
            #expect(keys.isEmpty)
        }
    }

    @Test
    func `closing waits for what runs, refuses those in line, and leaves no session behind`() async throws {
        let scratch = try await Scratch()
        let pool = try await scratch.open("&connections=1&application_name=closing")
        let door = Door()
        let running = Task {
            try await pool.write { connection throws(SQLError) in
                _ = try connection.run(insert("a"))
                door.stand()
            }
        }
        await door.waitForOne()
        let inLine = await Crowd().enter { () throws(SQLError) in
            try await pool.commit(isDurable: true) { [insert("b")] }
        }
        let closing = Task { await pool.close() }
        await #expect(throws: SQLError.refused(reason: "The store was closed.")) { try await inLine.value }
        door.open()
        try await running.value
        await closing.value
        await #expect(throws: SQLError.refused(reason: "The store was closed.")) { try await pool.keys() }
        let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'closing'"
        while try await scratch.server.run(count) != ["0"] { await Task.yield() }
        let keys = try await scratch.withPool { pool in try await pool.keys() }
        #expect(keys == ["a"])
    }
}
