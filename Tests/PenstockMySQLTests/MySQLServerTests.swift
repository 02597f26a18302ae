import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

/// What becomes of connections and transactions when the server, or somebody there, ends them.
@Suite(.timeLimit(.minutes(2)))
struct MySQLServerTests {
    private func expectLoss(
        at location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("nothing was thrown", sourceLocation: location)
        } catch SQLError.connectionLost(let reason) {
            #expect(reason.hasSuffix("."), sourceLocation: location)
        } catch {
            Issue.record(error, sourceLocation: location)
        }
    }

    @Test
    func `a connection that is killed in a transaction takes nothing with it`() async throws {
        try await withDatabase(connections: 1) { database, scratch in
            for place in [1, 2] {
                await expectLoss {
                    try await database.write { connection throws(SQLError) in
                        for number in 0..<place { _ = try connection.run(.insert("lost \(number)")) }
                        let id = try connection.query("SELECT CONNECTION_ID()")[0].integer(at: 0)
                        try MySQLConnectionBox(scratch.address).run("KILL \(id)")
                        _ = try connection.run(.insert("lost too"))
                    }
                }
            }
            await expectLoss {
                try await database.write { connection throws(SQLError) in
                    _ = try connection.run(.insert("lost"))
                    let id = try connection.query("SELECT CONNECTION_ID()")[0].integer(at: 0)
                    try MySQLConnectionBox(scratch.address).run("KILL \(id)")
                }
            }
            #expect(try await database.ids == [])
            _ = try await database.commit { SQLBatch([.insert("a"), .insert("b")]) }
            #expect(try await database.ids == ["a", "b"])
        }
    }

    @Test
    func `a connection that is killed in a commit takes nothing with it`() async throws {
        try await withDatabase(connections: 1) { database, scratch in
            let commit = Task {
                try await database.commit {
                    SQLBatch([
                        .insert("a"), SQLCommand("INSERT INTO entry SELECT 'b', SLEEP(9)"), .insert("c"),
                    ])
                }
            }
            try await scratch.run("KILL \(scratch.sleeper())")
            await expectLoss { _ = try await commit.value }
            let ids = try await database.ids
            #expect(ids.isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `a connection that died while it stood idle is replaced before it is used`(_ isWrite: Bool)
        async throws
    {
        try await withDatabase(connections: 1) { database, scratch in
            for round in 0..<3 {
                let id = try await database.read { connection throws(SQLError) in
                    try connection.query("SELECT CONNECTION_ID()")[0].integer(at: 0)
                }
                try await scratch.run("KILL \(id)")
                while try await scratch.run("SELECT 1 FROM information_schema.processlist WHERE id = \(id)")
                    != []
                {}
                if isWrite {
                    _ = try await database.commit {
                        SQLBatch([.insert("\(round)"), .insert("\(round) too")])
                    }
                } else {
                    _ = try await database.ids
                }
            }
            #expect(try await database.ids.count == (isWrite ? 6 : 0))
        }
    }

    @Test
    func `a server that is stopped and started is found again, with all that it acknowledged`() async throws {
        let server = try await TestMySQL.start()
        try await withDatabase(on: server, connections: 2) { database, _ in
            var acknowledged: [String] = []
            for (round, end) in [server.stop, server.kill].enumerated() {
                for number in 0..<20 {
                    let ids = ["\(round) \(number)", "\(round) \(number) too"]
                    _ = try await database.commit { SQLBatch(ids.map { .insert($0) }) }
                    acknowledged += ids
                }
                let reader = Task {
                    try await database.read { connection throws(SQLError) in
                        try connection.query("SELECT SLEEP(60)")
                    }
                }
                end()
                await expectLoss { _ = try await reader.value }
                await expectLoss {
                    _ = try await database.commit { SQLBatch([.insert("lost"), .insert("too")]) }
                }
                await expectLoss { _ = try await database.ids }
                try await server.restart()
                #expect(try await database.ids == acknowledged.sorted())
            }
        }
    }

    @Test
    func `a transaction whose server dies under it is lost, or kept whole`() async throws {
        let server = try await TestMySQL.start()
        try await withDatabase(on: server, connections: 1) { database, _ in
            await expectLoss {
                try await database.write { connection throws(SQLError) in
                    _ = try connection.run(.insert("lost"))
                    _ = try connection.run(.insert("lost too"))
                    server.kill()
                }
            }
            try await server.restart()
            let ids = try await database.ids
            #expect(ids.isEmpty)
        }
    }

    @Test
    func `a pool that is closed is refused, and leaves no session behind`() async throws {
        let scratch = try await TestMySQL.shared.makeDatabase()
        let database = try await MySQLDatabase.open(scratch.address)
        await database.close()
        await #expect(throws: SQLError.refused(reason: "The store was closed.")) {
            try await database.read { connection throws(SQLError) in try connection.query("SELECT 1") }
        }
        let sessions =
            "SELECT 1 FROM information_schema.processlist WHERE db = '\(scratch.name)' AND id <> CONNECTION_ID()"
        while try await scratch.run(sessions) != [] {}
    }

    @Test
    func `no more connections are made than the address allows`() async throws {
        try await withDatabase(connections: 3) { database, scratch in
            let ids = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        try await database.read { connection throws(SQLError) in
                            try connection.query("SELECT CONNECTION_ID(), SLEEP(0.01)")[0].integer(at: 0)
                        }
                    }
                }
                return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
            }
            #expect(ids.count <= 3 && !ids.isEmpty)
            #expect(
                try await scratch.run(
                    "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '\(scratch.name)' AND id <> CONNECTION_ID()"
                ).first.flatMap { Int($0) } ?? 9 <= 3)
        }
    }
}
