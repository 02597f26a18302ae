import PenstockModel
import Testing

@testable import PenstockCheckpointers

@Suite(.timeLimit(.minutes(1)))
struct PairTests: PairSuite {
    let primary = CutReplica()
    let secondary = CutReplica()

    @Test func `a save is acknowledged when both stores have it`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        for _ in 1...3 { try await writer.save() }
        try await expectEqual()
        secondary.cut = .away
        await #expect { try await pair.save(writer.draft()) } throws: { isUnavailable($0) }
        #expect(pair.keeper.agreed == PairStanding(term: 2, active: .primary, standby: .complete))
        secondary.cut = nil
        await pair.close()
    }

    @Test func `the secondary takes over within the save that found the primary away`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        primary.cut = .away
        try await writer.save()
        try await writer.save()
        #expect(try await secondary.store.steps(of: "s") == [3, 2, 1])
        #expect(pair.keeper.agreed == PairStanding(term: 3, active: .secondary, standby: .alone))
        #expect(try await pair.steps(of: "s") == [3, 2, 1])
        await pair.close()
    }

    @Test func `what was written meanwhile is copied back, and the primary is active again`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        primary.cut = .away
        try await writer.save()
        var other = try await Writer.open("t", in: pair, job: "job-2")
        try await other.save()
        primary.cut = nil
        await wait(pair, for: .primary, .complete)
        try await expectEqual()
        try await writer.save()
        try await other.save()
        #expect(try await primary.store.steps(of: "s") == [3, 2, 1])
        try await expectEqual()
        await pair.close()
    }

    @Test func `there is no end to how often the stores change places`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        for round in 1...10 {
            primary.cut = .away
            try await writer.save()
            primary.cut = nil
            await wait(pair, for: .primary, .complete)
            #expect(try await primary.store.steps(of: "s").count == round)
        }
        try await expectEqual()
        await pair.close()
    }

    @Test func `a worker that sees only the old primary cannot go on with it`() async throws {
        let zombie = await completePair(failbackDelay: .seconds(300))
        let worker = pair(failbackDelay: .seconds(300))
        var old = try await Writer.open("s", in: zombie)
        try await old.save()
        // The worker alone loses the primary: it has a way of its own to the same stores.
        let lost = CutReplica(primary.store)
        let partitioned = await completePair(primary: lost, failbackDelay: .seconds(300))
        lost.cut = .away
        var new = try await Writer.open("s", in: partitioned)
        try await new.save("new")
        await #expect(throws: old.fenced) { try await zombie.save(old.draft("zombie")) }
        #expect(zombie.keeper.agreed?.active == .secondary)
        #expect(try await zombie.history(of: "s").map(\.node) == ["new", "work"])
        secondary.cut = .away
        await #expect { try await worker.save(new.draft()) } throws: { isUnavailable($0) }
        await zombie.close()
        await worker.close()
        await partitioned.close()
    }

    @Test func `a save that reached only the lost primary is made once on the other`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        let draft = writer.draft()
        primary.cut = .after(0)
        secondary.cut = .away
        await #expect { try await pair.save(draft) } throws: { isUnavailable($0) }
        #expect(try await primary.store.steps(of: "s") == [2, 1])
        primary.cut = .away
        secondary.cut = nil
        try await pair.save(draft)
        #expect(try await secondary.store.steps(of: "s") == [2, 1])
        primary.cut = nil
        await wait(pair, for: .primary, .complete)
        try await expectEqual()
        try await pair.save(draft)
        #expect(try await pair.steps(of: "s") == [2, 1])
        await pair.close()
    }

    @Test func `a missing session and a fenced write are no failures`() async throws {
        let pair = await completePair()
        #expect(try await pair.latest(of: "s") == nil)
        #expect(try await pair.session("s") == nil)
        #expect(try await pair.job("job-1") == nil)
        let old = try await Writer.open("s", in: pair)
        _ = try await Writer.open("s", in: pair)
        await #expect(throws: old.fenced) { try await pair.save(old.draft()) }
        #expect(pair.keeper.agreed == PairStanding(term: 2, active: .primary, standby: .complete))
        await pair.close()
    }

    @Test func `a standby that is not complete does not take over`() async throws {
        var writer = try await Writer.open("s", in: primary.store)
        try await writer.save()
        secondary.cut = .away
        let pair = pair()
        await #expect { try await pair.open("s", for: "job-1", as: "t") } throws: { isUnavailable($0) }
        secondary.cut = nil
        await pair.keeper.examine()
        #expect(pair.keeper.agreed?.standby == .joining)
        primary.cut = .away
        await #expect { try await pair.open("s", for: "job-1", as: "t") } throws: { isUnavailable($0) }
        #expect(pair.keeper.agreed?.active == .primary)
        primary.cut = nil
        secondary.cut = nil
        await wait(pair, for: .primary, .complete)
        try await expectEqual()
        await pair.close()
    }

    @Test func `a primary that dies while it is made active again needs no operator`() async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        primary.cut = .away
        try await writer.save()
        primary.cut = nil
        await pair.keeper.examine()
        let joining = PairStanding(term: 4, active: .secondary, standby: .joining)
        #expect(pair.keeper.agreed == joining)
        // The secondary has noted it, and the primary dies before it has.
        let back = PairStanding(term: 5, active: .primary, standby: .complete)
        #expect(try await secondary.store.replace(joining, by: back))
        primary.cut = .away
        try await writer.saveStubbornly()
        #expect(pair.keeper.agreed == PairStanding(term: 6, active: .secondary, standby: .alone))
        primary.cut = nil
        await wait(pair, for: .primary, .complete)
        try await expectEqual()
        await pair.close()
    }

    @Test(arguments: [false, true])
    func `a change of places may be cut off at each of its calls`(_ after: Bool) async throws {
        for place in 0..<60 {
            let trial = PairTests()
            try await trial.changePlaces(cutting: place, after: after)
        }
    }

    /// Failover, copying back and failback, with one call to either store cut off on the way.
    private func changePlaces(cutting place: Int, after: Bool) async throws {
        let pair = await completePair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        primary.cut = .away
        try await writer.save()
        let cut: CutReplica.Cut = after ? .after(place) : .before(place)
        primary.cut = nil
        if place.isMultiple(of: 2) { primary.cut = cut } else { secondary.cut = cut }
        var acknowledged: [CheckpointID] = []
        for _ in 0..<12 {
            await pair.keeper.turn()
            acknowledged.append(try await writer.saveStubbornly())
        }
        primary.cut = nil
        secondary.cut = nil
        await wait(pair, for: .primary, .complete)
        try await expectEqual()
        let steps = try await primary.store.steps(of: "s")
        #expect(steps == Array((1...steps.count).reversed()), "cut at \(place)")
        let stored = Set(try await primary.store.history(of: "s").map(\.id))
        #expect(stored.isSuperset(of: acknowledged), "cut at \(place)")
        await pair.close()
    }
}
