import PenstockModel
import Synchronization
import Testing

@testable import PenstockCheckpointers

/// Which store of a pair is which.
@Suite(.timeLimit(.minutes(1)))
struct PairPlaceTests: PairSuite {
    let primary = CutReplica()
    let secondary = CutReplica()

    @Test func `each store knows which it is`() async throws {
        let pair = await completePair()
        #expect(try await primary.store.place() == .primary)
        #expect(try await secondary.store.place() == .secondary)
        await pair.close()
    }

    @Test func `a worker for whom the two are exchanged does nothing, and harms nothing`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        let lines = Mutex<[String]>([])
        let exchanged = ReplicatedCheckpointer(
            primary: secondary, secondary: primary, isKept: false,
            log: Log(to: LogSink(level: .info, format: .text) { line in lines.withLock { $0.append(line) } }))
        await #expect { try await exchanged.open("t", for: "job-1", as: "x") } throws: { isUnavailable($0) }
        await #expect { try await exchanged.steps(of: "s") } throws: { isUnavailable($0) }
        await exchanged.keeper.turn()
        #expect(
            lines.withLock { $0.filter { $0.contains("exchange store_url and store_secondary_url") }.count }
                == 2)
        // Nor when the primary is away, and the others have gone on with the secondary.
        primary.cut = .away
        try await writer.save()
        await exchanged.keeper.turn()
        await #expect { try await exchanged.open("t", for: "job-1", as: "x") } throws: { isUnavailable($0) }
        primary.cut = nil
        await exchanged.keeper.turn()
        #expect(try await secondary.store.steps(of: "s") == [2, 1])
        await wait(pair, for: .primary, .complete)
        try await expectEqual()
        #expect(try await primary.store.steps(of: "s") == [2, 1])
        await pair.close()
        await exchanged.close()
    }

    @Test func `a store that has left its pair is none's, and can be paired anew`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        await pair.close()
        for store in [primary.store, secondary.store] {
            try await store.leavePair()
            #expect(try await store.place() == nil)
            #expect(try await store.standing() == nil)
            try await store.leavePair()
        }
        let again = await completePair()
        #expect(try await again.steps(of: "s") == [1])
        await again.close()
    }
}
