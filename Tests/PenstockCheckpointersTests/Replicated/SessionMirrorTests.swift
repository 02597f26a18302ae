import PenstockModel
import Testing

@testable import PenstockCheckpointers

/// Copies of a session into a standby, while others write to both stores.
@Suite(.timeLimit(.minutes(1)))
struct SessionMirrorTests {
    @Test func `a save that reaches the standby before the copy claims the session is not taken back`()
        async throws
    {
        let (active, standby) = (MemoryCheckpointer(), CutReplica())
        let standing = PairStanding(term: 1, active: .primary, standby: .joining)
        for store in [active, standby.store] { #expect(try await store.replace(nil, by: standing)) }
        let mirror = SessionMirror(from: active, to: standby, under: standing, log: .silent)
        var writer = try await Writer.open("s", in: active)
        try await writer.save()
        #expect(try await mirror.copy("s") == .equal)

        let next = writer.draft()
        standby.beforeAbsorbing { () async throws(CheckpointerError) in
            for store in [active, standby.store] { try await store.save(next) }
            // And the standby takes over, so that the copy gives back what it has claimed.
            let after = PairStanding(term: 2, active: .secondary, standby: .alone)
            #expect(try await standby.store.replace(standing, by: after))
        }
        #expect(try await mirror.copy("s") == .disturbed)
        #expect(try await standby.store.head(of: "s").record?.head == 2)
        // Whoever had it acknowledged goes on behind it.
        var successor = Writer(store: standby.store, opened: writer.opened, job: writer.job, seen: 2)
        try await successor.save()
        #expect(try await standby.store.steps(of: "s") == [3, 2, 1])
    }
}
