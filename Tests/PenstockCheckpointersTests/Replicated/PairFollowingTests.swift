import PenstockModel
import Testing

@testable import PenstockCheckpointers

/// A pair whose standby follows: what is acknowledged, what waits, and what a failover loses.
@Suite(.timeLimit(.minutes(1)))
struct PairFollowingTests: PairSuite {
    let primary = CutReplica()
    let secondary = CutReplica()

    /// A worker of its own that has seen the pair following.
    private func pair(
        mayLose: Bool = false, _ change: (inout FollowingLimits) -> Void = { _ in }
    ) async -> ReplicatedCheckpointer {
        var settings = PairSettings(
            replication: .async, healthInterval: .zero, failbackDelay: .zero, mayLose: mayLose)
        change(&settings.following)
        let pair = ReplicatedCheckpointer(
            primary: primary, secondary: secondary, settings: settings, isKept: false)
        await wait(pair, for: .primary)
        return pair
    }

    private func wait(
        _ pair: ReplicatedCheckpointer, for active: PairStanding.Place,
        _ standby: PairStanding.Standby = .following
    ) async {
        while pair.keeper.agreed?.active != active || pair.keeper.agreed?.standby != standby {
            await pair.keeper.turn()
        }
    }

    /// A worker that has acknowledged some saves and died before any was copied.
    private func die(after saves: Int, session: SessionID = "s") async throws {
        let pair = await pair { $0.closing = .zero }
        secondary.cut = .busy
        var writer = try await Writer.open(session, in: pair, job: JobID(checking: session.text))
        for _ in 0..<saves { try await writer.save() }
        await pair.close()
        secondary.cut = nil
    }

    @Test func `a save is acknowledged when the active store has it, and copied later`() async throws {
        let pair = await pair()
        secondary.cut = .busy
        var writer = try await Writer.open("s", in: pair)
        for _ in 1...3 { try await writer.save() }
        #expect(try await primary.store.steps(of: "s") == [3, 2, 1])
        #expect(try await secondary.store.steps(of: "s") == [])
        let waiting = try #require(await pair.status().waiting)
        #expect(waiting.writes == 4)
        #expect(waiting.sessions == 1)
        #expect(waiting.age > .zero)
        secondary.cut = nil
        await pair.close()
        #expect(pair.lag.writes == 0)
        try await expectEqual()
    }

    @Test func `many sessions are copied side by side, each in order`() async throws {
        let pair = await pair()
        try await withThrowingTaskGroup { group in
            for number in 0..<40 {
                group.addTask {
                    let session = try SessionID(checking: "s-\(number)")
                    var writer = try await Writer.open(session, in: pair, job: JobID(checking: session.text))
                    for _ in 1...10 { try await writer.save() }
                }
            }
            try await group.waitForAll()
        }
        await pair.close()
        try await expectEqual()
        #expect(try await secondary.store.steps(of: "s-7").count == 10)
    }

    @Test func `a writer that finds no room is told so, and nothing was written`() async throws {
        let pair = await pair {
            $0.writes = 2
            $0.patience = .milliseconds(20)
        }
        secondary.cut = .busy
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        await #expect { try await pair.save(writer.draft()) } throws: { isUnavailable($0) }
        #expect(try await primary.store.steps(of: "s") == [1])
        secondary.cut = nil
        try await writer.saveStubbornly()
        await pair.close()
        try await expectEqual()
    }

    @Test func `a writer waits for room, and goes on when there is some`() async throws {
        let pair = await pair {
            $0.writes = 2
            $0.patience = .seconds(60)
        }
        secondary.cut = .busy
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        let draft = writer.draft()
        async let third: Void = pair.save(draft)
        secondary.cut = nil
        try await third
        await pair.close()
        try await expectEqual()
    }

    @Test func `a writer that is cancelled while it waits for room keeps none`() async throws {
        let pair = await pair {
            $0.writes = 2
            $0.patience = .seconds(60)
        }
        secondary.cut = .busy
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        let draft = writer.draft()
        let waiting = Task { try await pair.save(draft) }
        waiting.cancel()
        await #expect { try await waiting.value } throws: { isUnavailable($0) }
        secondary.cut = nil
        try await pair.save(draft)
        await pair.close()
        try await expectEqual()
    }

    @Test func `what a dead worker had not copied is brought along when the session is opened`() async throws
    {
        try await die(after: 3)
        let next = await pair { $0.comparison = .seconds(600) }
        _ = try await Writer.open("s", in: next)
        await next.close()
        #expect(try await secondary.store.steps(of: "s") == [3, 2, 1])
        try await expectEqual()
    }

    @Test func `what a dead worker had not copied is found by comparing the stores`() async throws {
        try await die(after: 3)
        let next = await pair()
        await next.keeper.turn()
        try await expectEqual()
        await next.close()
    }

    @Test func `the lag across all workers is what the stores differ by`() async throws {
        let other = await pair()
        #expect(try await other.comparedLag() == PairLag())
        try await die(after: 3)
        try await die(after: 2, session: "t")
        let lag = try #require(try await other.comparedLag())
        #expect(lag.checkpoints == 2)
        #expect(lag.sessions == 1)
        #expect(lag.since != nil)
        await other.close()
    }

    @Test func `the lag is not known while a store is away`() async throws {
        let pair = await pair()
        primary.cut = .away
        #expect(try await pair.comparedLag() == nil)
        #expect(await pair.status().standing?.standby == .following)
        await pair.close()
    }

    @Test func `a standby that follows does not take over by itself`() async throws {
        let pair = await pair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        primary.cut = .away
        await #expect { try await pair.save(writer.draft()) } throws: { isUnavailable($0) }
        await pair.keeper.turn()
        #expect(pair.keeper.status?.standing?.active == .primary)
        await #expect { try await pair.failOver(to: .secondary, losing: false) } throws: { isRefused($0) }
        await pair.close()
    }

    @Test func `a failover that was asked for loses what was not copied, and the primary gives it up`()
        async throws
    {
        try await die(after: 3)
        let pair = ReplicatedCheckpointer(
            primary: primary, secondary: secondary,
            settings: PairSettings(replication: .async, failbackDelay: .zero), isKept: false)
        await pair.keeper.examine()
        primary.cut = .away
        let standing = try await pair.failOver(to: .secondary, losing: true)
        #expect(standing.active == .secondary)
        #expect(standing.standby == .alone)
        var writer = try await Writer.open("s", in: pair)
        try await writer.save("new")
        primary.cut = nil
        await wait(pair, for: .primary)
        #expect(try await primary.store.history(of: "s").map(\.node) == ["new"])
        await pair.close()
        try await expectEqual()
    }

    @Test func `a failover that is allowed happens within the save`() async throws {
        let pair = await pair(mayLose: true)
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        while pair.lag.writes > 0 { await Task.yield() }
        primary.cut = .away
        try await writer.save()
        #expect(try await secondary.store.steps(of: "s") == [2, 1])
        #expect(pair.keeper.agreed?.active == .secondary)
        primary.cut = nil
        await wait(pair, for: .primary)
        await pair.close()
        try await expectEqual()
    }

    @Test func `a failover while both stores answer loses nothing`() async throws {
        try await die(after: 3)
        let pair = ReplicatedCheckpointer(
            primary: primary, secondary: secondary, settings: PairSettings(replication: .async), isKept: false
        )
        let standing = try await pair.failOver(to: .secondary, losing: false)
        #expect(standing.active == .secondary)
        #expect(standing.standby == .alone)
        #expect(try await secondary.store.steps(of: "s") == [3, 2, 1])
        await pair.close()
    }

    @Test func `a standby that is away is gone on without, and joined again`() async throws {
        let pair = await pair()
        var writer = try await Writer.open("s", in: pair)
        try await writer.save()
        secondary.cut = .away
        await pair.keeper.examine()
        #expect(pair.keeper.agreed?.standby == .alone)
        try await writer.save()
        secondary.cut = nil
        await wait(pair, for: .primary)
        await pair.close()
        try await expectEqual()
    }

    @Test func `a worker changes how the pair is kept once, and then takes it as it is`() async throws {
        let following = await pair()
        let sync = ReplicatedCheckpointer(primary: primary, secondary: secondary, isKept: false)
        await wait(sync, for: .primary, .complete)
        for _ in 1...3 { await following.keeper.turn() }
        #expect(following.keeper.agreed?.standby == .complete)
        let other = await pair()
        for _ in 1...3 { await sync.keeper.turn() }
        #expect(sync.keeper.agreed?.standby == .following)
        for pair in [following, sync, other] { await pair.close() }
    }

    @Test(arguments: [false, true])
    func `copying may be cut off at each of its calls`(_ after: Bool) async throws {
        for place in 0..<40 {
            let trial = PairFollowingTests()
            try await trial.follow(cutting: place, after: after)
        }
    }

    private func follow(cutting place: Int, after: Bool) async throws {
        let pair = await pair()
        var writer = try await Writer.open("s", in: pair)
        let cut: CutReplica.Cut = after ? .after(place) : .before(place)
        if place.isMultiple(of: 2) { primary.cut = cut } else { secondary.cut = cut }
        var acknowledged: [CheckpointID] = []
        for _ in 0..<8 {
            await pair.keeper.turn()
            acknowledged.append(try await writer.saveStubbornly())
        }
        primary.cut = nil
        secondary.cut = nil
        await wait(pair, for: .primary)
        await pair.close()
        try await expectEqual()
        let stored = Set(try await primary.store.history(of: "s").map(\.id))
        #expect(stored.isSuperset(of: acknowledged), "cut at \(place)")
    }
}
