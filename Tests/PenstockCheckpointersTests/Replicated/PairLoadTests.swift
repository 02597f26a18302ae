import PenstockModel
import PenstockRedis
import PenstockTesting
import Synchronization
import Testing

@testable import PenstockCheckpointers

/// Failover and failback under load, with real servers: what was acknowledged is counted afterwards.
@Suite(.timeLimit(.minutes(3)))
struct PairLoadTests {
    private static let sessions = 64
    /// How many saves are acknowledged in each phase before it ends.
    private static let savesPerPhase = 1_000

    @Test func `every acknowledged checkpoint is on the primary after failover and failback`() async throws {
        let redis = try await TestRedis.start(options: ["--appendonly", "yes", "--appendfsync", "always"])
        let scratch = try ScratchFolder()
        // Two workers that know nothing of each other.
        let workers = [try await pair(redis, scratch), try await pair(redis, scratch)]
        let ledger = Acknowledgements()
        try await withThrowingTaskGroup { group in
            for number in 0..<Self.sessions {
                let session = try SessionID(checking: "s-\(number)")
                group.addTask { try await save(to: session, in: workers[number % 2], ledger) }
            }
            try await ledger.wait(forMore: Self.savesPerPhase)

            // A standby that is still joining would not take over.
            await Self.wait(for: workers)
            redis.kill()
            try await ledger.wait(forMore: Self.savesPerPhase)
            for worker in workers {
                while worker.keeper.agreed?.active != .secondary { await worker.keeper.turn() }
            }

            try await redis.restart()
            await Self.wait(for: workers)
            try await ledger.wait(forMore: Self.savesPerPhase)
            ledger.stop()
            try await group.waitForAll()
        }
        for worker in workers { await worker.close() }

        let primary = RedisCheckpointer(RedisClient(redis.address))
        let secondary = try await SQLCheckpointer.sqlite(path: scratch.file)
        for store in [primary, secondary] as [any ReplicaStore] {
            for (session, acknowledged) in ledger.all {
                let history = try await store.history(of: session).reversed().map { $0 }
                #expect(history.map(\.step) == Array(1...history.count), "session \(session)")
                #expect(history.map(\.id).filter(Set(acknowledged).contains) == acknowledged)
            }
        }
        #expect(ledger.all.values.reduce(0) { $0 + $1.count } >= 3 * Self.savesPerPhase)
        await primary.close()
        await secondary.close()
    }

    /// Until every worker knows that the primary is active and the secondary has all.
    private static func wait(for workers: [ReplicatedCheckpointer]) async {
        for worker in workers {
            while worker.keeper.agreed?.active != .primary || worker.keeper.agreed?.standby != .complete {
                await worker.keeper.turn()
            }
        }
    }

    private func pair(_ redis: TestRedis, _ scratch: ScratchFolder) async throws -> ReplicatedCheckpointer {
        let client = RedisClient(
            redis.address,
            settings: RedisSettings(connectLimit: .seconds(1), commandLimit: .seconds(2)))
        return ReplicatedCheckpointer(
            primary: RedisCheckpointer(client),
            secondary: try await SQLCheckpointer.sqlite(path: scratch.file),
            settings: PairSettings(healthInterval: .milliseconds(50), failbackDelay: .milliseconds(100)))
    }

    private func save(
        to session: SessionID, in store: ReplicatedCheckpointer, _ ledger: Acknowledgements
    ) async throws {
        var writer = try await Writer.openStubbornly(session, in: store, job: JobID(checking: session.text))
        while !ledger.isStopped {
            ledger.note(try await writer.saveStubbornly(), of: session)
        }
    }
}

/// What was acknowledged, in order, and whoever waits for it.
private final class Acknowledgements: Sendable {
    private struct State {
        var all: [SessionID: [CheckpointID]] = [:]
        var count = 0
        var isStopped = false
        var goal = Int.max
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var all: [SessionID: [CheckpointID]] { state.withLock(\.all) }
    var isStopped: Bool { state.withLock(\.isStopped) }

    func note(_ checkpoint: CheckpointID, of session: SessionID) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.all[session, default: []].append(checkpoint)
            state.count += 1
            guard state.count >= state.goal else { return nil }
            state.goal = .max
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func stop() { state.withLock { $0.isStopped = true } }

    /// Until that many more were acknowledged from now on.
    func wait(forMore count: Int) async throws {
        await withCheckedContinuation { waiter in
            state.withLock { state in
                state.goal = state.count + count
                state.waiter = waiter
            }
        }
    }
}
