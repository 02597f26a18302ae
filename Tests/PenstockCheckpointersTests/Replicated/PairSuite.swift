import PenstockModel
import Testing

@testable import PenstockCheckpointers

/// Tests of two stores, each of which can be cut off, and of workers that see them.
protocol PairSuite {
    var primary: CutReplica { get }
    var secondary: CutReplica { get }
}

extension PairSuite {
    /// A worker of its own. It looks after the pair only when something goes wrong, or when it is told to.
    func pair(primary: CutReplica? = nil, failbackDelay: Duration = .zero) -> ReplicatedCheckpointer {
        ReplicatedCheckpointer(
            primary: primary ?? self.primary, secondary: secondary,
            settings: PairSettings(failbackDelay: failbackDelay), isKept: false)
    }

    /// A worker of its own that has seen the pair complete.
    func completePair(
        primary: CutReplica? = nil, failbackDelay: Duration = .zero
    ) async -> ReplicatedCheckpointer {
        let pair = pair(primary: primary, failbackDelay: failbackDelay)
        await wait(pair, for: .primary, .complete)
        return pair
    }

    /// Looks after the pair until it stands so.
    func wait(
        _ pair: ReplicatedCheckpointer, for active: PairStanding.Place, _ standby: PairStanding.Standby
    ) async {
        while pair.keeper.agreed?.active != active || pair.keeper.agreed?.standby != standby {
            await pair.keeper.turn()
        }
    }

    func expectEqual() async throws {
        let ids = try await primary.store.sessions(limit: .max, after: nil).map(\.record.id)
        #expect(try await secondary.store.sessions(limit: .max, after: nil).map(\.record.id) == ids)
        for id in ids {
            #expect(try await primary.store.session(id) == secondary.store.session(id))
            #expect(try await primary.store.history(of: id) == secondary.store.history(of: id))
            #expect(
                try await primary.store.jobs(of: id, limit: .max, after: nil)
                    == secondary.store.jobs(of: id, limit: .max, after: nil))
        }
    }
}
