import PenstockModel
import Testing

@testable import PenstockCheckpointers

@Suite(.timeLimit(.minutes(1)))
struct PairCleaningTests {
    @Test(arguments: PairSettings.Replication.allCases)
    func `cleaning a pair removes the same from both stores`(_ replication: PairSettings.Replication)
        async throws
    {
        let (primary, secondary) = (MemoryCheckpointer(), MemoryCheckpointer())
        let pair = ReplicatedCheckpointer(
            primary: primary, secondary: secondary, settings: PairSettings(replication: replication),
            isKept: false)
        while pair.keeper.agreed?.replication != replication { await pair.keeper.turn() }
        for session in ["a", "b"] as [SessionID] { try await Writer.session(session, in: pair, days: 1...5) }
        while pair.lag.writes > 0 { await Task.yield() }
        let pass = try await pair.pass(keeping: .all(2), at: .day(6))
        #expect(pass.removed.values.reduce(0) { $0 + $1.checkpoints } == 6)
        for store in [primary, secondary] {
            for session in ["a", "b"] as [SessionID] {
                #expect(try await store.steps(of: session) == [5, 4])
            }
        }
        #expect(try await pair.comparedLag() == (replication == .async ? PairLag() : nil))
        await pair.close()
    }
}
