import Foundation
import PenstockMySQL
import PenstockSQL
import PenstockTesting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct MySQLLimitTests {
    @Test(arguments: FakeServer.Manner.slow)
    func `a server that answers too little is given up in time`(_ manner: FakeServer.Manner) async throws {
        let server = try FakeServer(manner)
        var address = try MySQLAddress("mysql://ada:topsecret@127.0.0.1:\(server.port)/db?connect_timeout=1")
        if manner != .silentAboutTLS { address.tls.mode = .disabled }
        let options = MySQLOptions(answerLimit: .seconds(1), scriptLimit: .seconds(1))
        let (error, took) = await onThread { [address] in
            let began = ContinuousClock.now
            let error = #expect(throws: SQLError.self) { try MySQLConnection(to: address, options: options) }
            return (error, ContinuousClock.now - began)
        }
        #expect(
            error
                == .connectionLost(
                    reason: "The server at 127.0.0.1:\(server.port) took too long to answer."))
        #expect(took > .milliseconds(900) && took < .seconds(8))
    }

    @Test
    func `a connection that is lost between two answers is not taken for their end`() async throws {
        let server = try FakeServer(.leavingInAnAnswer)
        var address = try MySQLAddress("mysql://ada:topsecret@127.0.0.1:\(server.port)/db")
        address.tls.mode = .disabled
        let error = await onThread { [address] in
            #expect(throws: SQLError.self) { try MySQLConnection(to: address, options: MySQLOptions()) }
        }
        guard case .connectionLost(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // Not that an answer is missing, which would be a bug of ours.
        #expect(reason.contains("(2013)"), "\(reason)")
    }

    @Test
    func `a server that falls silent is given up, and used again when it is back`() async throws {
        let server = try await TestMySQL.start()
        let options = MySQLOptions(
            connectLimit: .seconds(1), answerLimit: .seconds(1), scriptLimit: .seconds(1))
        try await withDatabase(on: server, connections: 1, options: options) { database, _ in
            _ = try await database.commit { SQLBatch([.insert("before"), .insert("also")]) }
            for way in Way.allCases {
                server.suspend()
                let began = ContinuousClock.now
                for _ in 0..<2 {
                    let error = await #expect(throws: SQLError.self) {
                        try await way.run(.insert("lost \(way)"), in: database)
                    }
                    guard case .connectionLost(let reason) = error else {
                        Issue.record("\(String(describing: error))")
                        continue
                    }
                    #expect(reason.hasSuffix("took too long to answer."))
                }
                #expect(ContinuousClock.now - began < .seconds(8))
                server.resume()
                _ = try await way.run(.insert("back \(way)"), in: database)
            }
            // What was sent to the silent server may have taken effect.
            let ids = try await database.ids.filter { !$0.hasPrefix("lost") }
            #expect(ids == (Way.allCases.map { "back \($0)" } + ["before", "also"]).sorted())
        }
    }

    @Test
    func `a script may take longer than an answer`() async throws {
        let options = MySQLOptions(answerLimit: .seconds(1), scriptLimit: .seconds(30))
        try await withDatabase(connections: 1, options: options) { database, _ in
            try await database.write { connection throws(SQLError) in
                try connection.script("DO SLEEP(1.5); INSERT INTO entry VALUES ('a', 1)")
            }
            #expect(try await database.ids == ["a"])
            await #expect(throws: SQLError.self) {
                try await database.write { connection throws(SQLError) in
                    try connection.execute("DO SLEEP(1.5)")
                }
            }
        }
    }

    @Test
    func `a transaction that writes is undone when its client falls silent`() async throws {
        try await withDatabase(connections: 2) { database, scratch in
            try await scratch.run("INSERT INTO entry VALUES ('a', 0)")
            let error = await #expect(throws: SQLError.self) {
                try await database.write { connection throws(SQLError) in
                    try connection.execute("UPDATE entry SET value = 1")
                    // Waits for the row, and gets it: the server has let go of it.
                    let began = ContinuousClock.now
                    try MySQLConnectionBox(scratch.address).run("UPDATE entry SET value = 2")
                    if ContinuousClock.now - began > .seconds(6) { throw .bug(reason: "too late") }
                    try connection.execute("UPDATE entry SET value = 3")
                }
            }
            guard case .connectionLost = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await scratch.run("SELECT value FROM entry") == ["2"])
            // Out of transactions it may stand idle as long as the server lets it.
            let patience = try await database.write { connection throws(SQLError) in
                [
                    try connection.query("SELECT @@wait_timeout")[0].integer(at: 0),
                    try connection.query("SELECT @@wait_timeout")[0].integer(at: 0),
                ]
            }
            #expect(patience == [3, 3])
            let answers = try await database.commit {
                SQLBatch([SQLCommand("SELECT @@wait_timeout"), .insert("b")])
            }
            #expect(
                try await scratch.run("SELECT @@wait_timeout") == ["\(answers[0].rows[0].integer(at: 0))"])
        }
    }
}

/// Runs what blocks on a thread of its own.
private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}
