import PenstockModel
import Testing

@testable import PenstockCheckpointers

/// A primary that lacks what was acknowledged, or has what never was.
@Suite(.timeLimit(.minutes(1)))
struct LostPrimaryTests: PairSuite {
    let primary = CutReplica()
    let secondary = CutReplica()

    @Test func `what only the lost primary had was never acknowledged, and is removed from it`() async throws
    {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        secondary.cut = .away
        await #expect { try await pair.save(writer.draft("never")) } throws: { isUnavailable($0) }
        primary.cut = .away
        secondary.cut = nil
        var next = try await Writer.open("s", in: pair)
        try await next.save("next")
        primary.cut = nil
        await wait(pair, for: .primary, .complete)
        #expect(try await primary.store.history(of: "s").map(\.node) == ["next", "work"])
        try await expectEqual()
        await pair.close()
    }

    @Test func `an empty primary beside a secondary with sessions is not taken for the truth`() async throws {
        _ = try await Writer.open("s", in: secondary.store)
        let pair = pair()
        await #expect { try await pair.open("s", for: "job-1", as: "t") } throws: { isUnavailable($0) }
        #expect(try await secondary.store.session("s") != nil)
        await pair.close()
    }

    @Test func `a primary that came back empty is a lost one`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        let empty = CutReplica()
        let others = self.pair(primary: empty)
        #expect(try await others.steps(of: "s") == [1])
        var next = try await Writer.open("s", in: others)
        try await next.save()
        while others.keeper.agreed != PairStanding(term: 5, active: .primary, standby: .complete) {
            await others.keeper.turn()
        }
        #expect(try await empty.store.steps(of: "s") == [2, 1])
        #expect(try await empty.store.place() == .primary)
        await pair.close()
        await others.close()
    }

    @Test func `a primary that lost its last writes takes them over from the standby`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        let before = try await primary.store.head(of: "s")
        let last = try await writer.save()
        let now = try #require(try await primary.store.head(of: "s").record)
        var old = try #require(before.record)
        old.epoch = 1
        #expect(
            try await primary.store.absorb(
                SessionCopy(over: now.fence, record: old, removedCheckpoints: [last.id])))
        let opened = try await pair.open("s", for: "job-1", as: "next")
        #expect(opened.latest == last)
        #expect(try await pair.steps(of: "s") == [2, 1])
        try await expectEqual()
        await pair.close()
    }

    @Test func `a primary that lost everything while the standby was joining waits for the operator`()
        async throws
    {
        let pair = pair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        #expect(pair.keeper.agreed?.standby == .joining)
        let empty = CutReplica()
        let others = self.pair(primary: empty)
        for _ in 1...5 { await others.keeper.turn() }
        #expect(try await secondary.store.steps(of: "s") == [1])
        #expect(await others.status().lost == [.primary])
        await #expect { try await others.open("s", for: "job-1", as: "t") } throws: { isUnavailable($0) }
        await #expect { try await others.failOver(to: .primary, losing: false) } throws: { isRefused($0) }
        #expect(
            try await others.failOver(to: .secondary, losing: true)
                == PairStanding(term: 2, active: .secondary, standby: .alone))
        await wait(others, for: .primary, .complete)
        #expect(try await empty.store.steps(of: "s") == [1])
        await pair.close()
        await others.close()
    }
}
