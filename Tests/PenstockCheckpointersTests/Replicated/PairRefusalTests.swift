import PenstockModel
import Testing

@testable import PenstockCheckpointers

/// Stores of a pair that can be read, and will not take all that is written.
@Suite(.timeLimit(.minutes(1)))
struct PairRefusalTests: PairSuite {
    let primary = CutReplica()
    let secondary = CutReplica()

    @Test func `the secondary takes over from a primary that takes no writes`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        primary.cut = .full
        try await writer.save()
        #expect(try await secondary.store.steps(of: "s") == [2, 1])
        #expect(pair.keeper.agreed == PairStanding(term: 3, active: .secondary, standby: .alone))
        await pair.close()
    }

    @Test func `what the secondary cannot take is told to whoever saves it, and not waited for`() async throws
    {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        secondary.cut = .narrow
        let draft = writer.draft()
        await #expect(
            throws: CheckpointerError.unfit(reason: "the secondary store cannot take it: too large")
        ) {
            try await pair.save(draft)
        }
        #expect(pair.keeper.agreed == PairStanding(term: 2, active: .primary, standby: .complete))
        await pair.close()
    }

    @Test func `a session that the secondary cannot take keeps no other from it`() async throws {
        for session: SessionID in ["a", "b", "c"] {
            var writer = try await Writer.open(
                session, in: primary.store, job: JobID(unchecked: "j-\(session)"))
            try await writer.save()
        }
        secondary.beforeAbsorbing { () throws(CheckpointerError) in throw .unfit(reason: "too large") }
        let pair = pair()
        while try await secondary.store.sessions(limit: 9, after: nil).isEmpty { await pair.keeper.turn() }
        #expect(
            try await secondary.store.sessions(limit: 9, after: nil).map(\.record.id)
                == ["b", "c"])
        #expect(pair.keeper.agreed == PairStanding(term: 1, active: .primary, standby: .joining))
        await pair.keeper.turn()
        #expect(pair.keeper.agreed?.standby == .complete)
        try await expectEqual()
        await pair.close()
    }

    @Test(arguments: ["ours", "theirs"] as [SessionID])
    func `a secondary that is further with a session, or knows one of its own, is not taken into a pair`(
        _ session: SessionID
    ) async throws {
        _ = try await Writer.open("ours", in: primary.store)
        var theirs = try await Writer.open(session, in: secondary.store)
        try await theirs.save()
        let pair = pair()
        await #expect { try await pair.open("ours", for: "job-1", as: "t") } throws: { isUnavailable($0) }
        #expect(try await secondary.store.steps(of: session) == [1])
        await pair.close()
    }
}
