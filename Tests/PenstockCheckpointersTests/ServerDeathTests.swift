import Foundation
import PenstockExecutors
import PenstockModel
import PenstockMySQL
import PenstockPostgres
import PenstockRedis
import PenstockTesting
import Synchronization
import Testing

@testable import PenstockCheckpointers

/// A database server that is killed under load and started again, with the settings that keep what they acknowledged.
@Suite(.timeLimit(.minutes(2)))
struct ServerDeathTests {
    private static let sessions = 16
    private static let before = 400
    private static let after = 200

    @Test(arguments: [false, true])
    func `a killed PostgreSQL has all that was acknowledged`(_ isOnLoop: Bool) async throws {
        let server = try await TestPostgres.start()
        let (address, loop) = (try PostgresAddress(await server.schema()), SocketLoop())
        let store = try await SQLCheckpointer.postgres(address, on: loop)
        try await serve(
            isOnLoop ? StoreOnLoop(store: store, loop: loop) : store, kill: { server.kill() },
            restart: { try await server.restart() })
    }

    @Test(arguments: [false, true])
    func `a killed MariaDB has all that was acknowledged`(_ isOnLoop: Bool) async throws {
        let server = try await TestMySQL.start()
        let database = try await server.makeDatabase()
        defer { withExtendedLifetime(database) {} }
        let (address, loop) = (try MySQLAddress(database.url), SocketLoop())
        let store = try await SQLCheckpointer.mysql(address, on: loop)
        try await serve(
            isOnLoop ? StoreOnLoop(store: store, loop: loop) : store, kill: { server.kill() },
            restart: { try await server.restart() })
    }

    @Test func `a killed Redis with an append-only file has all that was acknowledged`() async throws {
        let server = try await TestRedis.start(options: ["--appendonly", "yes", "--appendfsync", "always"])
        let store = RedisCheckpointer(RedisClient(server.address), prefix: "store:")
        try await serve(store, kill: { server.kill() }, restart: { try await server.restart() })
    }

    private func serve(
        _ store: any Checkpointer, kill: @escaping @Sendable () -> Void, restart: () async throws -> Void
    ) async throws {
        let ledger = Ledger()
        try await work(in: store, until: ledger, has: Self.before, then: kill)
        try await restart()
        try await work(in: store, until: ledger, has: Self.before + Self.after, then: {})
        let noted = ledger.all
        #expect(noted.count >= Self.before + Self.after)
        for entry in noted {
            #expect(try await store.checkpoint(entry.id, of: entry.session)?.step == entry.step)
        }
        for summary in try await store.sessions(limit: 100, after: nil) {
            let steps = try await store.steps(of: summary.record.id)
            #expect(steps == Array((1...summary.record.head).reversed()))
        }
        await store.close()
    }

    /// Saves in many sessions at once, until so many saves were acknowledged; `then` happens while the others go on.
    private func work(
        in store: any Checkpointer, until ledger: Ledger, has enough: Int,
        then: @escaping @Sendable () -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<Self.sessions {
                group.addTask {
                    let id = "s-\(number)"
                    do {
                        var writer = try await Writer.open(
                            SessionID(checking: id), in: store, job: JobID(checking: id))
                        while true {
                            let saved = try await writer.save(state: #"{"of":"\#(id)"}"#)
                            if ledger.note(saved) == enough { then() }
                            if ledger.all.count >= enough + Self.sessions { return }
                        }
                    } catch {
                        // What a server gives no more answer to may have taken effect or not.
                        guard isUnavailable(error) else { throw error }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// What was acknowledged.
private final class Ledger: Sendable {
    struct Entry: Sendable {
        let session: SessionID
        let step: Int
        let id: CheckpointID
    }

    private let entries = Mutex<[Entry]>([])

    var all: [Entry] { entries.withLock(\.self) }

    /// - Returns: How many were noted.
    func note(_ checkpoint: Checkpoint) -> Int {
        entries.withLock { entries in
            entries.append(Entry(session: checkpoint.session, step: checkpoint.step, id: checkpoint.id))
            return entries.count
        }
    }
}
