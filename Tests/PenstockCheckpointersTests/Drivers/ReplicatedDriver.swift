import PenstockModel
import Testing

@testable import PenstockCheckpointers

extension CheckpointerDriver {
    /// A store in memory and a SQLite file; two workers, each with a pair of its own.
    static let replicated = CheckpointerDriver("replicated") { use in
        let scratch = try ScratchFolder()
        let memory = MemoryCheckpointer()
        let first = ReplicatedCheckpointer(
            primary: CutReplica(memory), secondary: try await SQLCheckpointer.sqlite(path: scratch.file))
        let second = ReplicatedCheckpointer(
            primary: CutReplica(memory), secondary: try await SQLCheckpointer.sqlite(path: scratch.file))
        try await Self.use(first, second, whenBoth: .complete, use)
    }

    /// Waits until both workers know that the pair stands so: while it changes, an opening may be made anew, which raises the epoch once
    /// more. And it has to stand so to the end.
    static func use(
        _ first: ReplicatedCheckpointer, _ second: ReplicatedCheckpointer,
        whenBoth standby: PairStanding.Standby, _ use: Use
    ) async throws {
        for pair in [first, second] {
            while pair.keeper.agreed?.standby != standby { await pair.keeper.turn() }
        }
        let standing = first.keeper.agreed
        try await use(first, second)
        #expect(first.keeper.agreed == standing)
        #expect(second.keeper.agreed == standing)
        await first.close()
        await second.close()
    }
}
